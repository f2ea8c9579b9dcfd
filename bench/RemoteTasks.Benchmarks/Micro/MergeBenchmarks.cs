using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Micro;

/// <summary>
/// Everything of a small cache of seven files, journal and running tasks, merged and filtered: the time of one task.
/// BenchmarkDotNet derives from it, so it is public and open.
/// </summary>
[MemoryDiagnoser]
[SuppressMessage("Reliability", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class MergeBenchmarks
{
    private const int Tasks = 50_000;
    private readonly WorkPlace _work = new(parent: null, keep: false);
    private RemoteTasksEngine? _engine;

    /// <summary>Fills the cache; the last batch stays in the journal.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var data = new GeneratedData(Tasks, byTime: false, GeneratedData.DaysOfSevenFiles);
        _engine = new RemoteTasksEngine(_work.Directory);
        foreach (TaskInput[] batch in data.Read().Chunk(FirstFill.BatchTasks))
            _engine.Update(batch, data.End);
    }

    /// <summary>Removes the cache.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _engine?.Dispose();
        _work.Dispose();
    }

    /// <summary>Reads all, matches none.</summary>
    [Benchmark(OperationsPerInvoke = Tasks)]
    public long MergeAndFilter() => _engine!.Count(new TaskQuery { Text = "no task has this" });
}
