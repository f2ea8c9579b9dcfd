using System.Diagnostics;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.LineScan;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>
/// Loads all tasks into one engine, in batches as a poller brings them; making the tasks is not timed. In a process of its own, so that its memory is
/// its own as well.
/// </summary>
internal sealed record FirstFill(double Seconds, long PeakBytes, long PrivatePeakBytes, long DiskBytes)
{
    internal const int BatchTasks = 20_000;

    /// <summary>Fills in this process, which should have done nothing before.</summary>
    internal static FirstFill Run(Engine engine, ITaskData data, long now)
    {
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
        return new FirstFill(watch.Elapsed.TotalSeconds, ProcessMemory.Peak, privatePeak, engine.DiskBytes);
    }

    /// <summary>Fills in a new process by <see cref="FillCommand"/>.</summary>
    /// <param name="kind">Of the engine.</param>
    /// <param name="directory">Where its files go.</param>
    /// <param name="source">The options that say which tasks.</param>
    /// <param name="now">The time it is filled at.</param>
    internal static FirstFill RunApart(EngineKind kind, string directory, IReadOnlyList<string> source, long now)
    {
        // What others left unwritten is not this one's to wait for.
        Posix.SyncAll();
        string[] args = [FillCommand.Name, $"{kind}", "--into", directory, "--now", $"{now}", .. source];
        var start = new ProcessStartInfo(Environment.ProcessPath!, args) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<FirstFill>(said)!
            : throw new InvalidOperationException($"The process that filled {kind} ended with {process.ExitCode}.");
    }
}
