namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// Short names of what is done, the same in every run: kinds of files instead of names, temporary files by what they become, syncs of the directory by
/// what they make durable. "sync new state", "place state", "names state", "write journal", "remove archive".
/// </summary>
internal static class TraceLabels
{
    internal const string Done = "done";
    internal const string Begin = "begin";

    // What is done ends with a sync: names without one were left by a process that was killed.
    private const string OfTheKilled = " of the process before";

    internal static string[] Of(IReadOnlyList<TraceEvent> events)
    {
        Dictionary<int, string> becomes = [];
        foreach (TraceEvent placed in events.Where(placed => placed.Kind == EventKind.Rename))
            becomes[placed.Inode] = KindOf(placed.NewName);
        string[] labels = new string[events.Count];
        string last = "";
        for (int i = 0; i < labels.Length; i++)
        {
            TraceEvent done = events[i];
            string file = !IsTemporary(done.Name) ? KindOf(done.Name) : $"new {becomes.GetValueOrDefault(done.Inode, "file that is left")}";
            labels[i] = done.Kind switch
            {
                EventKind.MakeDirectory => "make directory",
                EventKind.Create => $"create {file}",
                EventKind.Write => $"write {file}",
                EventKind.Cut => $"cut {file}",
                EventKind.Sync => $"sync {file}",
                EventKind.SyncDirectory => $"names{last}",
                EventKind.SyncParent => "sync parent",
                EventKind.Rename => $"place {KindOf(done.NewName)}",
                EventKind.Unlink => $"remove {file}",
                _ => done.Chapter!.IsDone ? Done : Begin,
            };
            if (done.Kind is EventKind.Rename or EventKind.Unlink && !IsIndex(done))
                last = $" {(done.Kind == EventKind.Unlink ? "without " : "")}{KindOf(done.Kind == EventKind.Rename ? done.NewName : done.Name)}";
            else if (done.Kind is EventKind.SyncDirectory)
                last = "";
            else if (labels[i] == Begin && last.Length > 0)
                last = OfTheKilled;
        }

        return labels;
    }

    /// <summary>A file by its kind: numbers in names differ from run to run.</summary>
    internal static string KindOf(string name) =>
        name.StartsWith("archive.", StringComparison.Ordinal) ? $"archive{(name.Count(c => c == '.') == 2 ? Path.GetExtension(name) : "")}"
        : name.Contains(".damaged.", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name)
        : IsTemporary(name) ? "temporary file"
        : name;

    private static bool IsTemporary(string name) => name.EndsWith(".tmp", StringComparison.Ordinal);

    // An index is a cache of its archive: its name need not be durable.
    private static bool IsIndex(TraceEvent done) => $"{done.Name} {done.NewName}".Contains(".idx", StringComparison.Ordinal);
}
