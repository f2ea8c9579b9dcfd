using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>A call of the real executable that fails.</summary>
/// <param name="Command">What it is told to do.</param>
/// <param name="Call">The system call.</param>
/// <param name="Errno">The error's name.</param>
/// <param name="Number">Which call of that kind of its thread, from 1.</param>
internal sealed record InjectedFault(string[] Command, string Call, string Errno, int Number)
{
    private const int Seed = 3;

    // Each can really fail in these ways.
    private static readonly (string Call, string[] Errors)[] Kinds =
    [
        ("fsync", ["EIO", "ENOSPC", "EDQUOT"]),
        ("pwrite64", ["ENOSPC", "EIO", "EDQUOT"]),
        ("rename", ["EIO", "ENOSPC", "EROFS"]),
        ("ftruncate", ["EIO", "EROFS"]),
        ("unlink", ["EIO", "EROFS"]),
        ("openat", ["EMFILE", "EROFS", "EIO"]),
    ];

    /// <summary>Every call that the commands make to a cache directory, with every error.</summary>
    internal static async Task<List<InjectedFault>> AllAsync(long now)
    {
        var faults = new List<InjectedFault>();
        foreach (string[] command in new[] { new[] { "import", "--batch", "4" }, ["apply"], ["rotate", "--force"] })
        {
            using var place = new TracePlace();
            (TracedRun run, _, _) = await RunAsync(place, command, null, now);
            var numbers = new Dictionary<(string, string), int>();
            foreach (SystemCall call in run.Calls)
            {
                int number = numbers[(call.Thread, call.Name)] = numbers.GetValueOrDefault((call.Thread, call.Name)) + 1;
                string[] errors = Kinds.FirstOrDefault(kind => kind.Call == call.Name).Errors ?? [];
                if (call.Name is "fsync" or "pwrite64" or "ftruncate" || call.Arguments.Any(argument => IsIn(argument, place.Directory)))
                    faults.AddRange(errors.Select(errno => new InjectedFault(command, call.Name, errno, number)));
            }
        }

        return [.. faults.Distinct()];
    }

    /// <summary>Has it happen, or tries to: calls are numbered by thread, and threads differ.</summary>
    internal async Task<FaultOutcome> HappenAsync(long now)
    {
        using var place = new TracePlace();
        (TracedRun run, ProductStory story, World after) = await RunAsync(place, Command, $"{Call}:error={Errno}:when={Number}", now);
        var failed = new List<(SystemCall Call, string Name, int Events)>();
        story.Recorder.Add(run.Calls, (call, name) => failed.Add((call, name, story.Recorder.Events.Count)));
        failed.RemoveAll(call => call.Call.Name != Call);
        bool isDone = run.ExitCode == 0;
        if (failed.Count == 0)
            return new FaultOutcome(this, null, isDone, null);
        (_, string name, int events) = failed[0];
        string? broken = Lied(run, name, story.Recorder.Events.Skip(events))
            ?? Reopened(story, place.Directory, Promise.Of(isDone ? after : story.World, after), now);
        return new FaultOutcome(this, TraceLabels.KindOf(name), isDone, broken is null ? null : $"{this}: {broken} [{run.Errors.Trim()}]");
    }

    public override string ToString() => $"{string.Join(' ', Command)}: {Call} {Number} fails with {Errno}";

    /// <summary>What the process said or did that it must not after a failure.</summary>
    private string? Lied(TracedRun run, string name, IEnumerable<TraceEvent> afterwards)
    {
        bool isDone = run.ExitCode == 0;
        if (isDone != run.Output.Length > 0)
            return $"the exit code is {run.ExitCode}, and it says: '{run.Output}'";

        // A file that cannot be opened may be one that it does without; the note to the next process is one.
        if (isDone && Call != "openat" && name != FileNames.Durable)
            return $"the exit code is 0, and {name} is not what it should be";

        // Temporary files may be removed.
        TraceEvent? later = Call == "fsync" ? afterwards.FirstOrDefault(done => done.Kind != EventKind.Unlink) : null;
        return later is null ? null : $"after a sync that failed: {later}";
    }

    /// <summary>What the next process finds: where the power failed in that moment, and where it did not.</summary>
    private static string? Reopened(ProductStory story, string directory, Promise promise, long now)
    {
        var disk = new TraceDisk(story.Recorder.Files);
        foreach (TraceEvent done in story.Recorder.Events)
            disk.Apply(done);
        var chapter = new Chapter("after the fault", promise, new TaskCacheOptions(), now);
        if (Judge.Broken(disk.Left(new bool[disk.Pending]), chapter, isUsedOn: true) is { } lost)
            return $"after a power failure: {lost}";
        TaskCache cache = TaskCache.Open(directory);
        using (CacheWriter writer = cache.Write())
        {
            writer.Update(new TaskBatch());
            writer.ApplyJournal();
        }

        using CacheReader reader = cache.Read();
        return promise.Broken(reader, isWhole: false, isTorn: false) ?? (cache.Check().IsDamaged ? "the check finds damage" : null);
    }

    private static async Task<(TracedRun Run, ProductStory Story, World After)> RunAsync(TracePlace place, string[] command, string? inject, long now)
    {
        var story = new ProductStory(Seed, now, place.Directory);
        World after = command[0] == "import" ? story.Import(place.Files) : story.World;
        string[] file = command[0] == "import" ? [place.Files] : [];
        return (await Strace.RunAsync(Strace.Product, [.. command, .. file, "--cache", place.Directory], inject), story, after);
    }

    private static bool IsIn(string argument, string directory) =>
        argument.StartsWith('"') && new SystemCall("", "", [argument], 0, 0, 0).Text(0).StartsWith(directory, StringComparison.Ordinal);
}

/// <summary>What became of it.</summary>
/// <param name="Fault">Which.</param>
/// <param name="File">The kind of file that it concerned; null: it did not happen.</param>
/// <param name="IsDone">Whether the process said that all was done.</param>
/// <param name="Broken">What broke; null: nothing.</param>
internal sealed record FaultOutcome(InjectedFault Fault, string? File, bool IsDone, string? Broken);
