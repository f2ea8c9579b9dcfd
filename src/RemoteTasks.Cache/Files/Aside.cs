using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>Damaged files that are kept for people, as they were, beside what replaces them.</summary>
internal static class Aside
{
    internal const string Mark = ".damaged.";

    /// <summary>Keeps an archive that is about to be replaced though the disk did not give all of it.</summary>
    internal static void KeepUnread(Workspace workspace, ArchiveSource rows)
    {
        if (rows.HasUnread)
            Keep(workspace, rows.Name.ToString());
    }

    /// <summary>
    /// Gives a file that is about to be replaced a second name, <c>NAME.damaged.TIME</c>, and returns that; it costs no space while both are the same file, and reads
    /// nothing, which a bad sector would not allow. Durable with the next sync of the directory. Nothing happens when the file has such a name.
    /// </summary>
    internal static string Keep(Workspace workspace, string name)
    {
        IReadOnlyList<string> names = workspace.Disk.List(workspace.Directory);
        FileIdentity? identity = workspace.Disk.Stamp(workspace.PathOf(name))?.Identity;
        string? same = names.FirstOrDefault(other => other.StartsWith($"{name}{Mark}", StringComparison.Ordinal) && workspace.Disk.Stamp(workspace.PathOf(other))?.Identity == identity);
        if (same is not null)
            return same;
        long time = workspace.Options.Now;
        while (names.Contains($"{name}{Mark}{time}"))
            time++;
        string kept = $"{name}{Mark}{time}";
        if (names.Contains(name))
            workspace.Disk.Link(workspace.PathOf(name), workspace.PathOf(kept));
        return kept;
    }
}
