using System.Security.Claims;

namespace RemoteTasks.Server.Security;

/// <summary>Somebody who signed in by a browser, until signing out, or until too much time has passed.</summary>
internal sealed class Session : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly long _beganAt;
    private long _usedAt;

    internal Session(string id, Account account, long now)
    {
        Id = id;
        Account = account;
        Principal = account.Principal(SessionHandler.SchemeName, id);
        Ended = _end.Token;
        _beganAt = _usedAt = now;
    }

    /// <summary>Names it inside the daemon; the browser's cookie cannot be made from it.</summary>
    internal string Id { get; }

    internal Account Account { get; }

    internal ClaimsPrincipal Principal { get; }

    /// <summary>Cancelled when it ends: what still runs in its name is to stop.</summary>
    internal CancellationToken Ended { get; }

    internal void Use(long now) => Volatile.Write(ref _usedAt, now);

    internal bool IsOver(TimeProvider clock, SessionLimits limits) =>
        clock.GetElapsedTime(_beganAt) >= limits.Longest || clock.GetElapsedTime(Volatile.Read(ref _usedAt)) >= limits.Idle;

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }
}

/// <summary>When a session ends by itself.</summary>
/// <param name="Idle">After so long without anything being done in it.</param>
/// <param name="Longest">After so long in any case.</param>
internal sealed record SessionLimits(TimeSpan Idle, TimeSpan Longest)
{
    internal static readonly SessionLimits Default = new(TimeSpan.FromHours(2), TimeSpan.FromHours(12));
}
