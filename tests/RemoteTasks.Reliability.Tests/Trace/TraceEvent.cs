namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>What a system call did to a cache directory, or a mark in the story.</summary>
internal enum EventKind
{
    MakeDirectory,
    Create,
    Write,
    Cut,
    Sync,
    SyncDirectory,
    SyncParent,
    Rename,
    Unlink,

    /// <summary>From here on another promise holds: something begins, or was acknowledged.</summary>
    Chapter,
}

/// <summary>One of them.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Line">When it was done: later ones have a higher number.</param>
internal sealed record TraceEvent(EventKind Kind, long Line)
{
    /// <summary>Of a sync: when it began. It vouches for what was done before that.</summary>
    internal long Begun { get; init; }

    /// <summary>The file; 0 for a directory.</summary>
    internal int Inode { get; init; }

    /// <summary>Of a call that names a file: its name; of a rename the old one.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Of a rename.</summary>
    internal string NewName { get; init; } = "";

    /// <summary>Of a write.</summary>
    internal int Offset { get; init; }

    /// <summary>Of a write.</summary>
    internal byte[] Bytes { get; init; } = [];

    /// <summary>Of a change of the length.</summary>
    internal int Length { get; init; }

    internal Chapter? Chapter { get; init; }

    internal bool IsSync => Kind is EventKind.Sync or EventKind.SyncDirectory or EventKind.SyncParent;

    public override string ToString() => Kind switch
    {
        EventKind.Write => $"write {Bytes.Length} bytes at {Offset} of {Name}",
        EventKind.Rename => $"rename {Name} to {NewName}",
        EventKind.Chapter => Chapter!.Name,
        _ => $"{Kind} {Name}",
    };
}
