namespace RemoteTasks.Proxmox;

/// <summary>Limits of a client. The defaults suit remotes on other continents as well.</summary>
public sealed record ProxmoxClientOptions
{
    /// <summary>How long to wait for name look-up, connection and TLS handshake with one endpoint. Real time, whatever <see cref="Clock"/> is.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one endpoint may take for one whole answer, body included. When it is over the next endpoint is asked,
    /// so that a call may take this long once for each endpoint.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many requests one client has under way at a time; more wait for their turn, and waiting does not count as request time.</summary>
    public int ConnectionsPerRemote { get; init; } = 5;

    /// <summary>The largest answer that is taken, in bytes after decompression.</summary>
    public long AnswerBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>How long an endpoint that failed again and again is left alone; twice as long each time, up to <see cref="BreakMax"/>.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest time that an endpoint is left alone.</summary>
    public TimeSpan BreakMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The clock of <see cref="RequestTimeout"/> and of the validity of pinned certificates.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The clock by which endpoints are left alone.</summary>
    public TimeProvider BreakClock { get; init; } = TimeProvider.System;

    /// <summary>What cannot work with these limits; null when all is well.</summary>
    internal string? Fault() =>
        ConnectTimeout <= TimeSpan.Zero || RequestTimeout <= TimeSpan.Zero ? "The time limits must be above zero."
        : ConnectionsPerRemote < 1 ? "At least one connection is needed for each remote."
        : AnswerBytesMax is < 1 or > 1 << 30 ? "The largest answer must be from 1 byte to 1 GiB."
        : Break < TimeSpan.FromSeconds(1) || BreakMax < Break || BreakMax > TimeSpan.FromDays(1) ? "An endpoint is left alone for a second to a day."
        : Clock is null || BreakClock is null ? "A clock is needed."
        : null;
}
