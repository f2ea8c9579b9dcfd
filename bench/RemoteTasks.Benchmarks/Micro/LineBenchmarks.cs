using BenchmarkDotNet.Attributes;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.LineScan;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Micro;

/// <summary>Understanding 1,024 UPIDs and lines. BenchmarkDotNet derives from it, so it is public and open.</summary>
[MemoryDiagnoser]
public class LineBenchmarks
{
    private string[] _upids = [];
    private byte[][] _lines = [];

    /// <summary>Makes the lines.</summary>
    [GlobalSetup]
    public void Setup()
    {
        TaskInput[] tasks = MicroData.Tasks();
        _upids = [.. tasks.Select(task => task.Upid)];
        _lines = [.. tasks.Select(task => LineWriting.Lines([task])[..^1].ToArray())];
    }

    /// <summary>The public parser of names.</summary>
    [Benchmark(OperationsPerInvoke = MicroData.BlockLines)]
    public int ParseUpid()
    {
        int good = 0;
        foreach (string upid in _upids)
            good += RemoteUpid.TryParse(upid, out _, out _) ? 1 : 0;
        return good;
    }

    /// <summary>A JSON line to a record, UPID included.</summary>
    [Benchmark(OperationsPerInvoke = MicroData.BlockLines)]
    public int ParseLine()
    {
        int good = 0;
        foreach (byte[] line in _lines)
            good += TaskRecord.TryParse(line, out _, out _) ? 1 : 0;
        return good;
    }
}
