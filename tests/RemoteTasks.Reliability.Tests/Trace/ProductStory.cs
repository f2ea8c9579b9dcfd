using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>Runs of the command line on a directory as another program left it, and what was promised meanwhile.</summary>
internal sealed class ProductStory
{
    private const long Day = 86_400;
    private const int FilesKept = 3;

    private readonly string _directory;
    private readonly long _now;
    private readonly TaskGenerator _generator;
    private MemoryModel _model = new();
    private World _world;

    internal ProductStory(int seed, long now, string directory)
    {
        _directory = directory;
        _now = now;
        _generator = new TaskGenerator(new Random(seed), now);
        Directory.CreateDirectory(directory);
        ModelTask[] archived = [.. Finished(12).Order(ModelTask.Order)];
        ModelTask[] journal = [.. Finished(4)];
        long today = now - (now % Day);
        long[] epochs = [today, today - Day, today - (3 * Day)];
        for (int i = 0; i < epochs.Length; i++)
        {
            (long from, long to) = (i == epochs.Length - 1 ? 0 : epochs[i], i == 0 ? long.MaxValue : epochs[i - 1]);
            Write($"archive.{epochs[i]}", Lines(archived.Where(task => task.Start >= from && task.Start < to)));
        }

        string torn = Lines(journal);
        Write("journal", torn + TaskGenerator.Line(_generator.Task(isRunning: false))[..60]);
        _model.Update(archived, []);
        _model.Update(journal, []);
        _world = new World(_model.All(), null);
        Recorder = new Recorder(directory, Content(), Acknowledge);
    }

    internal Recorder Recorder { get; }

    /// <summary>What is in the cache.</summary>
    internal World World => _world;

    private World Next { get; set; } = World.Empty;

    private string Name { get; set; } = "";

    private bool IsAcknowledged { get; set; }

    /// <param name="linesFile">A path for the lines that are imported.</param>
    internal async Task RunAsync(string linesFile)
    {
        await ImportAsync(linesFile);
        await ImportAsync(linesFile);
        await RunAsync("apply", ["apply"], _world);
        await ImportAsync(linesFile);
        await RunAsync("rotate", ["rotate", "--force"], _world);
        await ImportAsync(linesFile);
        await RunAsync("apply", ["apply"], _world);
        await DropAsync();
        await ImportAsync(linesFile);
    }

    /// <summary>Lines to import; what is in the cache when they are.</summary>
    internal World Import(string linesFile)
    {
        // Each task once: what is stored of a file is not acknowledged before all of it is, and a task has no third version meanwhile.
        ModelTask[] batch = [.. Enumerable.Range(0, 9).Select(i => i % 3 == 2 && _world.Tasks.Count > 0
            ? _generator.Again(_generator.Pick(_world.Tasks), runs: i == 8)
            : Task(isRunning: null)).DistinctBy(task => task.Upid)];
        File.WriteAllText(linesFile, Lines(batch));
        _model.Update(batch, []);
        return new World(_model.All(), null);
    }

    private Task ImportAsync(string linesFile)
    {
        World after = Import(linesFile);
        return RunAsync("import", ["import", linesFile, "--batch", "4"], after);
    }

    private async Task DropAsync()
    {
        // The newest file is begun now, so that the oldest one that is left can be told beforehand.
        long[] epochs = [.. Directory.EnumerateFiles(_directory, "archive.*").Select(Path.GetFileName)
            .Select(name => long.Parse(name!.Split('.')[1])).Distinct().OrderDescending()];
        Assert.True(epochs.Length > FilesKept, "There is nothing to drop.");
        long oldest = epochs[FilesKept - 1];
        World after = _world with { Tasks = [.. _world.Tasks.Where(task => task.End is null || task.Start >= oldest)] };
        await RunAsync("drop", ["rotate", "--keep-files", $"{FilesKept}"], after);
        _model = new MemoryModel();
        _model.Update(after.Tasks, []);
    }

    private async Task RunAsync(string name, string[] args, World after)
    {
        (Name, Next, IsAcknowledged) = (name, after, false);
        Begin(Promise.Of(_world, after), isDone: false);
        TracedRun run = await Strace.RunAsync(Strace.Product, [.. args, "--cache", _directory]);
        Assert.True(run.ExitCode == 0, $"{name}: {run.Output}{run.Errors}");
        Recorder.Add(run.Calls);
        Assert.True(IsAcknowledged, $"{name} acknowledged nothing: {run.Output}");
    }

    private void Acknowledge(Recorder recorder, string said)
    {
        if (IsAcknowledged)
            return;
        IsAcknowledged = true;
        _world = Next;
        Begin(Promise.Of(_world, _world), isDone: true);
    }

    private void Begin(Promise promise, bool isDone) =>
        Recorder.Begin(new Chapter($"{Name}{(isDone ? " done" : "")}", promise, new TaskCacheOptions(), _now) { IsDone = isDone });

    private IEnumerable<ModelTask> Finished(int count) =>
        Enumerable.Range(0, count).Select(_ => Task(isRunning: false)).DistinctBy(task => task.Upid);

    /// <summary>None of the node whose cut-off is judged: nobody reports it here, and it outlives tasks that are dropped.</summary>
    private ModelTask Task(bool? isRunning)
    {
        ModelTask task = _generator.Task(isRunning);
        return task is { Remote: World.Remote, Node: World.Node } ? Task(isRunning) : task;
    }

    private Dictionary<string, byte[]> Content() =>
        Directory.EnumerateFiles(_directory).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text, new UTF8Encoding(false));

    private static string Lines(IEnumerable<ModelTask> tasks) => string.Concat(tasks.Select(task => TaskGenerator.Line(task) + "\n"));
}
