namespace RemoteTasks.Cache;

/// <summary>What a check found.</summary>
/// <param name="Tasks">Tasks in the cache, each counted once.</param>
/// <param name="Running">Those of them that run.</param>
/// <param name="JournalRows">Those that still lie in the journal.</param>
/// <param name="Files">Archive files.</param>
/// <param name="Bytes">Bytes in the archive files.</param>
/// <param name="Findings">What is wrong or worth knowing.</param>
public sealed record CheckReport(long Tasks, long Running, long JournalRows, int Files, long Bytes, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether anything is damaged; notes alone do not count.</summary>
    public bool IsDamaged => Findings.Any(finding => finding.IsDamage);
}

/// <summary>One thing that was found.</summary>
/// <param name="IsDamage">True when tasks are lost or in doubt; false for what is harmless or heals by itself.</param>
/// <param name="File">The file's name.</param>
/// <param name="Text">What, for people.</param>
public sealed record Finding(bool IsDamage, string File, string Text);
