using RemoteTasks.Cache.Files;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>
/// A mistake that the engine does not make, made for it at the disk, so that it is known what the harness sees. Each is one missing sync, one
/// wrong order, or one check that finds nothing.
/// </summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Plant">Puts it into a disk.</param>
internal sealed record PlantedBug(string Name, Action<SimDisk> Plant)
{
    /// <summary>Each of these breaks a promise.</summary>
    internal static IReadOnlyList<PlantedBug> All { get; } =
    [
        Ignoring("the journal is not synced", static () => call => call is { Kind: SimCallKind.Sync, Name: "journal" }),
        Ignoring("compressed archives are not synced", static () => call => call.Kind == SimCallKind.Sync && Content.IsArchive(call.File!)),
        Ignoring(
            "plain archives and running tasks are not synced",
            static () => call => call.Kind == SimCallKind.Sync && Content.IsLines(call.File!) && call.Name != "journal"),
        Ignoring("the state is not synced", static () => call => call.Kind == SimCallKind.Sync && Content.IsState(call.File!)),
        Ignoring("no directory is synced", static () => call => call.Kind == SimCallKind.SyncDirectory),
        IgnoringSyncAfter("the name of a new journal is not synced", static name => name == "journal"),
        IgnoringSyncAfter("names of archives are not synced", static name => name.StartsWith("archive.", StringComparison.Ordinal)),
        IgnoringSyncAfter("the name of a new state is not synced", static name => name == "state"),
        IgnoringSyncAfter("the name of a new list of running tasks is not synced", static name => name == "active"),
        TooEarly("the journal is synced before it is written", static call => call.Name == "journal"),
        TooEarly("archives are synced before their last bytes are written", static call => Content.IsArchive(call.File!)),
        TooEarly("the list of running tasks is synced before it is written", static call => call.Name != "journal" && Content.IsLines(call.File!)),
        new("files are replaced by removing the old one first", static disk => disk.SplitsRenames = true),
    ];

    /// <summary>These do not, and are known not to.</summary>
    internal static IReadOnlyList<PlantedBug> Harmless { get; } =
    [
        // The next append overwrites it, and what it leaves of it is a torn tail again.
        Ignoring("a torn tail of the journal is not cut off", static () => call => call is { Kind: SimCallKind.Cut, Name: "journal" }),
    ];

    public override string ToString() => Name;

    private static PlantedBug Ignoring(string name, Func<Func<SimCall, bool>> ignores) => new(name, disk => disk.Ignores = ignores());

    private static PlantedBug TooEarly(string name, Func<SimCall, bool> which) => new(name, disk => disk.SyncsTooEarly = which);

    /// <summary>The directory is not synced after a file of some name was put in place.</summary>
    private static PlantedBug IgnoringSyncAfter(string name, Func<string, bool> isMeant) => Ignoring(name, () =>
    {
        string last = "";
        return call =>
        {
            if (call.Kind == SimCallKind.Rename)
                last = call.Name;
            return call.Kind == SimCallKind.SyncDirectory && isMeant(last);
        };
    });

    /// <summary>What a file is, by its first bytes: it has its name only later.</summary>
    private static class Content
    {
        internal static bool IsArchive(SimFile file) => file.Bytes.StartsWith(SeekTable.Head);

        internal static bool IsLines(SimFile file) => file.Bytes.StartsWith("{\"upid\""u8);

        internal static bool IsState(SimFile file) => file.Bytes.StartsWith("{"u8) && !IsLines(file);
    }
}
