using System.Threading.RateLimiting;

namespace RemoteTasks.Server.Security;

/// <summary>
/// Slows down who guesses: some tries a minute for an account from an address, and not many more from that address for all accounts. A password
/// costs as much to check as it costs to guess, so few are checked at a time.
/// </summary>
internal sealed class SignInLimiter : IDisposable
{
    private const int TriesOfAccount = 5;
    private const int TriesOfAddress = 20;
    private const int ChecksWaiting = 20;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(5);

    private readonly PartitionedRateLimiter<(string Network, string Account)> _tries = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<(string Network, string Account), string>(of => RateLimitPartition.GetFixedWindowLimiter(of.Network, _ => In(TriesOfAddress))),
        PartitionedRateLimiter.Create<(string Network, string Account), (string, string)>(of => RateLimitPartition.GetFixedWindowLimiter(of, _ => In(TriesOfAccount))));

    private readonly ConcurrencyLimiter _checks = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Math.Max(1, Environment.ProcessorCount / 2),
        QueueLimit = ChecksWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Counts a try.</summary>
    /// <returns>How long to wait before the next one; null: this one is still in order.</returns>
    internal TimeSpan? Refuses(string network, string account)
    {
        using RateLimitLease lease = _tries.AttemptAcquire((network, account));
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : Window;
    }

    /// <summary>Checks a password when it is its turn; null: too many others wait.</summary>
    internal async Task<bool?> CheckAsync(Func<bool> check, CancellationToken ct)
    {
        using RateLimitLease lease = await _checks.AcquireAsync(permitCount: 1, ct);
        return lease.IsAcquired ? await Task.Run(check, CancellationToken.None) : null;
    }

    /// <summary>How long to wait when too many wait already.</summary>
    internal static TimeSpan WhenBusy => Busy;

    public void Dispose()
    {
        _tries.Dispose();
        _checks.Dispose();
    }

    private static FixedWindowRateLimiterOptions In(int tries) => new() { PermitLimit = tries, Window = Window, QueueLimit = 0 };
}
