namespace RemoteTasks.Benchmarks.Load;

/// <summary>What came of a round. Latencies in milliseconds, ascending, each from the moment the request was to be sent.</summary>
internal sealed record LoadResult(string Name, double[] Latencies, int Good, int NotModified, TimeSpan Took, TimeSpan DaemonCpu, TimeSpan OwnCpu, long DaemonPeakBytes)
{
    internal const double GoalRate = 2000;
    internal const double GoalP99Milliseconds = 10;

    // The last request is sent one interval before the end of the round and answered a little after it.
    private const double RateTolerance = 0.99;

    internal int Errors => Latencies.Length - Good;

    internal double Rate => Good / Took.TotalSeconds;

    internal bool IsMet => Errors == 0 && Rate >= GoalRate * RateTolerance && Percentile(0.99) < GoalP99Milliseconds;

    /// <summary>The latency that this part of all requests kept to.</summary>
    internal double Percentile(double part) => Latencies[Math.Clamp((int)Math.Ceiling(part * Latencies.Length) - 1, 0, Latencies.Length - 1)];
}
