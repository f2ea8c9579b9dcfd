namespace RemoteTasks.Benchmarks.Load;

/// <summary>How hard the daemon is asked.</summary>
/// <param name="Tasks">In its cache.</param>
/// <param name="Rate">Requests a second, whatever becomes of those before.</param>
/// <param name="Seconds">Of each round.</param>
/// <param name="Limit">Rows of a page.</param>
/// <param name="Connections">At a time.</param>
internal sealed record LoadPlan(long Tasks, int Rate, int Seconds, int Limit, int Connections)
{
    private const int RequestsMax = 20_000_000;

    /// <summary>Longer pages might come in pieces, which this client does not read.</summary>
    private const int LimitMax = 1000;

    internal int Requests => checked(Rate * Seconds);

    internal bool IsInRange =>
        Tasks >= 1 && Rate >= 1 && Seconds >= 1 && (long)Rate * Seconds <= RequestsMax && Limit is >= 1 and <= LimitMax && Connections is >= 1 and <= 900;
}
