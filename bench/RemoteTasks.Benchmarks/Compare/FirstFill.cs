using System.Diagnostics;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.LineScan;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>Loads all tasks into one engine, in batches as a poller brings them; making the tasks is not timed.</summary>
internal sealed record FirstFill(double Seconds, long BytesBefore, long PeakBytes, long PrivatePeakBytes, long DiskBytes)
{
    internal const int BatchTasks = 20_000;

    internal static FirstFill Run(Engine engine, ITaskData data, long now)
    {
        // What making the tasks and the engine before left behind is not this one's.
        Timing.GiveBack();
        Posix.SyncAll();
        ProcessMemory.ResetPeak();
        long before = ProcessMemory.Peak;
        long privatePeak = 0;
        var watch = new Stopwatch();
        foreach (TaskInput[] batch in data.Read().Chunk(BatchTasks))
        {
            watch.Start();
            engine.Update(batch, now);
            watch.Stop();
            privatePeak = Math.Max(privatePeak, ProcessMemory.Private);
        }

        watch.Start();
        engine.Settle();
        watch.Stop();
        return new FirstFill(watch.Elapsed.TotalSeconds, before, ProcessMemory.Peak, privatePeak, engine.DiskBytes);
    }
}
