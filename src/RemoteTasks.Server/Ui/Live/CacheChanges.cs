using System.Collections.Concurrent;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Live;

/// <summary>
/// Tells open pages that the cache has changed: the first change at once, those that follow together after a second. Pages read the
/// cache themselves, each what it shows.
/// </summary>
internal sealed class CacheChanges : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger<CacheChanges> _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Subscription, Func<Task>> _listeners = new();
    private long _last;
    private long _version;
    private bool _isDue;

    public CacheChanges(TaskStore store, ServerOptions options, ILogger<CacheChanges> logger)
    {
        _store = store;
        _clock = options.Clock;
        _logger = logger;
        _last = _clock.GetTimestamp() - _clock.TimestampFrequency;
        _timer = _clock.CreateTimer(_ => Tell(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        store.Written += Written;
    }

    /// <summary>Calls the function after changes until the subscription is disposed.</summary>
    internal IDisposable Subscribe(Func<Task> changed)
    {
        var subscription = new Subscription(this);
        _listeners[subscription] = changed;
        return subscription;
    }

    public void Dispose()
    {
        _store.Written -= Written;
        _timer.Dispose();
    }

    private void Written()
    {
        if (_listeners.IsEmpty)
            return;
        lock (_gate)
        {
            if (_isDue)
                return;
            _isDue = true;
            TimeSpan left = Pause - _clock.GetElapsedTime(_last);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tell()
    {
        lock (_gate)
        {
            _isDue = false;
            _last = _clock.GetTimestamp();
        }

        try
        {
            using CacheReader reader = _store.Cache.Read();
            if (Interlocked.Exchange(ref _version, reader.Version) == reader.Version)
                return;
        }
        catch (Exception error) when (error is CacheException or IOException)
        {
            // Locked by another program, or gone bad: the pages say so themselves when they read.
            _logger.PageNotRefreshed(error);
        }

        foreach (Func<Task> changed in _listeners.Values)
            _ = TellAsync(changed);
    }

    private async Task TellAsync(Func<Task> changed)
    {
        try
        {
            await changed();
        }
        catch (Exception error) when (error is ObjectDisposedException or CacheException or IOException)
        {
            // The page was closed meanwhile, or what it reads cannot be read now: it is told again after the next change.
            _logger.PageNotRefreshed(error);
        }
    }

    private sealed class Subscription(CacheChanges changes) : IDisposable
    {
        public void Dispose() => changes._listeners.TryRemove(this, out _);
    }
}
