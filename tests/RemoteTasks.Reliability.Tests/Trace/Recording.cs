using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>A trace with what was promised at each moment of it.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Files">What was in the directory before.</param>
/// <param name="Events">What was done.</param>
internal sealed record Recording(string Name, IReadOnlyDictionary<string, (int Inode, byte[] Bytes)> Files, IReadOnlyList<TraceEvent> Events)
{
    /// <summary>
    /// A script, done by two processes. In every other seed the first one is killed in one of its syncs: what it has written the kernel shows, and
    /// the disk may not have.
    /// </summary>
    /// <param name="seed">The script's.</param>
    /// <param name="killAt">The sync in which the first process is killed, from 1; null: as the seed says.</param>
    internal static async Task<Recording> OfScriptAsync(int seed, int? killAt = null)
    {
        using var place = new TracePlace();
        var script = new Script(seed);
        int restart = new Random(seed).Next(3, 9);
        killAt ??= seed % 2 == 0 ? 5 + (seed * 7 % 40) : null;
        string? kill = killAt is null ? null : $"fsync:signal=KILL:when={killAt}";
        TracedRun first = await Strace.RunAsync(Workload.Program, [], kill, Workload.Environment(place.Directory, seed, 0, restart));
        int begun = first.Output.Split('\n').Count(line => line.StartsWith("done", StringComparison.Ordinal));
        TracedRun second = await Strace.RunAsync(Workload.Program, [], null, Workload.Environment(place.Directory, seed, begun, Script.Steps));
        if (second.ExitCode != 0 || (first.ExitCode != 0 && kill is null))
            throw new InvalidOperationException($"Seed {seed}: {first.Errors}{second.Errors}");

        // What is promised in a step that drops archives follows from what is left when it is done.
        var oldest = new long[Script.Steps];
        foreach (string line in $"{first.Output}{second.Output}".Split('\n'))
        {
            if (Workload.TryParse(line, out bool isDone, out int number, out long epoch) && isDone)
                oldest[number] = epoch;
        }

        World world = World.Empty;
        var recorder = new Recorder(place.Directory, new Dictionary<string, byte[]>(), (recorder, said) =>
        {
            if (!Workload.TryParse(said, out bool isDone, out int number, out _))
                return;
            Step step = script.At(number, world);
            World after = step.After(oldest[number]);
            Promise promise = isDone ? Promise.Of(after, after) : step.Command.Promise ?? Promise.Of(world, after);
            recorder.Begin(new Chapter($"step {number} ({step.Command.Name}){(isDone ? " done" : "")}", promise, script.Options, step.Now)
            {
                IsDone = isDone,
                IsWhole = step.Command.IsWhole && !isDone,
            });
            if (isDone)
                world = after;
        });
        recorder.Add(first.Calls);
        recorder.Add(second.Calls);
        return new Recording($"seed {seed}", recorder.Files, recorder.Events);
    }

    /// <summary>
    /// The command line, a process for each step: on a directory as another program left it (plain archives, a torn journal that no disk confirmed),
    /// imports, an apply, a rotation that compresses, and one that drops.
    /// </summary>
    internal static async Task<Recording> OfProductAsync(int seed, long now)
    {
        using var place = new TracePlace();
        var story = new ProductStory(seed, now, place.Directory);
        await story.RunAsync(place.Files);
        return new Recording($"command line, seed {seed}", story.Recorder.Files, story.Recorder.Events);
    }
}

/// <summary>A directory that does not exist yet, in a place of its own.</summary>
internal sealed class TracePlace : IDisposable
{
    private const string Memory = "/dev/shm";

    // In memory where there is such a place: nothing here relies on the disk.
    private readonly string _root = Path.Combine(System.IO.Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"remote-tasks-{Guid.NewGuid():N}");

    internal TracePlace() => System.IO.Directory.CreateDirectory(_root);

    internal string Directory => Path.Combine(_root, "cache");

    /// <summary>A file beside it.</summary>
    internal string Files => Path.Combine(_root, "lines");

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);
}
