using System.Diagnostics;
using System.Net;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>
/// Requests at a given rate, each by whichever connection is free. One that has to wait, because the daemon stalls and all connections
/// are busy, is late from the moment it was to be sent: no stall hides what it holds up.
/// </summary>
internal sealed class LoadRound
{
    // Whoever is not answered by then is counted as an error, and has waited as long as that.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly LoadPlan _plan;
    private readonly Func<int, string> _pathOf;
    private readonly bool _revalidates;
    private readonly double[] _latencies;
    private long _began;
    private int _next = -1;
    private int _good;
    private int _notModified;

    private LoadRound(LoadPlan plan, Func<int, string> pathOf, bool revalidates)
    {
        _plan = plan;
        _pathOf = pathOf;
        _revalidates = revalidates;
        _latencies = new double[plan.Requests];
    }

    private TimeSpan Deadline => TimeSpan.FromSeconds(_plan.Seconds) + Grace;

    internal static LoadResult Run(string name, LoadPlan plan, DaemonProcess daemon, Func<int, string> pathOf, bool revalidates = false)
    {
        var round = new LoadRound(plan, pathOf, revalidates);
        daemon.ResetPeak();
        TimeSpan daemonCpu = daemon.Cpu;
        TimeSpan ownCpu = Environment.CpuUsage.TotalTime;
        TimeSpan took = round.Run(daemon.Address, daemon.Token);
        Array.Sort(round._latencies);
        return new LoadResult(
            name, round._latencies, round._good, round._notModified, took, daemon.Cpu - daemonCpu, Environment.CpuUsage.TotalTime - ownCpu, daemon.PeakBytes);
    }

    private TimeSpan Run(IPEndPoint daemon, string token)
    {
        _began = Stopwatch.GetTimestamp();
        Thread[] clients = [.. Enumerable.Range(0, _plan.Connections).Select(_ => new Thread(() => Ask(daemon, token)))];
        foreach (Thread client in clients)
            client.Start();
        foreach (Thread client in clients)
            client.Join();
        return Stopwatch.GetElapsedTime(_began);
    }

    private void Ask(IPEndPoint daemon, string token)
    {
        using var connection = new LoadConnection(daemon, token);
        for (int index; (index = Interlocked.Increment(ref _next)) < _plan.Requests;)
        {
            TimeSpan due = TimeSpan.FromSeconds((double)index / _plan.Rate);
            TimeSpan early;
            while ((early = due - Stopwatch.GetElapsedTime(_began)) > TimeSpan.Zero)
                Pause.For(early);
            bool isNotModified = false;
            bool isGood = Stopwatch.GetElapsedTime(_began) < Deadline
                && connection.TryAsk(_pathOf(index), _revalidates ? connection.Tag : null, out isNotModified);
            _latencies[index] = (Stopwatch.GetElapsedTime(_began) - due).TotalMilliseconds;
            if (isGood)
                Interlocked.Increment(ref _good);
            if (isNotModified)
                Interlocked.Increment(ref _notModified);
        }
    }
}
