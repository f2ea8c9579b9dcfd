namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>A mistake that the engine does not make, made for it in a trace: a sync that is not there, or two steps in the wrong order.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Make">Makes it in a trace; the labels are those of <see cref="TraceLabels"/>.</param>
internal sealed record TraceBug(string Name, Func<IReadOnlyList<TraceEvent>, string[], List<TraceEvent>> Make)
{
    /// <summary>Each of these breaks a promise.</summary>
    internal static IReadOnlyList<TraceBug> All { get; } =
    [
        Without("appends to the journal are not synced", "sync journal"),
        Without("compressed archives are not synced", "sync new archive.zst"),
        Without("plain archives are not synced", "sync new archive"),
        Without("the state is not synced", "sync new state"),
        Without("running tasks are not synced", "sync new active"),
        Without("the directory of a new cache is not synced into its parent", "sync parent"),
        Without("no directory is synced", "names", "names *"),
        Without("the name of a new journal is not synced", "names journal"),
        Without("names of archives are not synced", "names archive", "names archive.zst"),
        Without("the name of a new state is not synced", "names state"),
        Without("the name of a new list of running tasks is not synced", "names active"),
        Later("compressed archives are synced after they have their names", "sync new archive.zst", "place archive.zst"),
        Later("plain archives are synced after they have their names", "sync new archive", "place archive"),
        Later("running tasks are synced after they have their name", "sync new active", "place active"),
        Later("archives are placed after the journal was emptied", "place archive*", "place journal"),
        Later("the journal is synced after the state was placed", "sync journal", "names state"),
        Later("the journal is synced after it was acknowledged", "sync journal", TraceLabels.Done),
        Later("the state's name is synced after it was acknowledged", "names state", TraceLabels.Done),
        new("files are replaced by removing the old one first", static (events, _) => Split(events)),
    ];

    /// <summary>These do not, and are known not to.</summary>
    internal static IReadOnlyList<TraceBug> Harmless { get; } =
    [
        // A state that cannot be read is made anew from the archives, and it is placed when nothing that was not acknowledged is in them yet.
        Later("the state is synced after it has its name", "sync new state", "place state"),
    ];

    /// <summary>Kinds of syncs that nothing depends on, and why.</summary>
    internal static IReadOnlyDictionary<string, string> HarmlessSyncs { get; } = new Dictionary<string, string>
    {
        ["names"] = "no name has changed since the last one",
        ["names without temporary file"] = "a temporary file that is there again is removed again",
    };

    /// <summary>A trace without one of its syncs.</summary>
    internal static List<TraceEvent> Without(IReadOnlyList<TraceEvent> events, int index) => [.. events.Where((_, i) => i != index)];

    public override string ToString() => Name;

    private static TraceBug Without(string name, params string[] labels) => new(name, (events, found) =>
        [.. events.Where((_, i) => !labels.Any(label => Is(found[i], label)))]);

    /// <summary>Moves what has one label to behind the next that has another, as long as the same thing is being done.</summary>
    private static TraceBug Later(string name, string label, string behind) => new(name, (events, found) =>
    {
        var moved = new List<TraceEvent>();
        var waiting = new List<(TraceEvent Event, int Behind)>();
        for (int i = 0; i < events.Count; i++)
        {
            if (Is(found[i], label) && Next(events, found, i, behind) is { } next)
                waiting.Add((events[i], next));
            else
                moved.Add(events[i]);
            moved.AddRange(waiting.Where(late => late.Behind == i).Select(late => late.Event));
        }

        return moved;
    });

    private static int? Next(IReadOnlyList<TraceEvent> events, string[] labels, int from, string behind)
    {
        // A file is placed once; other things that are done to it may come in any number.
        bool isOfOneFile = behind.StartsWith("place ", StringComparison.Ordinal) && labels[from].StartsWith("sync new ", StringComparison.Ordinal);
        int inode = isOfOneFile ? events[from].Inode : 0;
        for (int i = from + 1; i < events.Count; i++)
        {
            if (Is(labels[i], behind) && (inode == 0 || events[i].Inode == inode))
                return i;
            if (events[i].Kind == EventKind.Chapter)
                break;
        }

        return null;
    }

    private static List<TraceEvent> Split(IReadOnlyList<TraceEvent> events)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var split = new List<TraceEvent>();
        foreach (TraceEvent done in events)
        {
            if (done.Kind == EventKind.Rename && !names.Add(done.NewName))
                split.Add(new TraceEvent(EventKind.Unlink, done.Line) { Name = done.NewName });
            if (done.Kind == EventKind.Unlink)
                names.Remove(done.Name);
            split.Add(done);
        }

        return split;
    }

    private static bool Is(string label, string pattern) =>
        pattern.EndsWith('*') ? label.StartsWith(pattern[..^1], StringComparison.Ordinal) : label == pattern;
}
