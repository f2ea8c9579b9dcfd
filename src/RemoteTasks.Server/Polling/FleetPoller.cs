using System.Collections.Immutable;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What changed when the list of remotes was read again, by id.</summary>
internal sealed record ReloadOutcome(IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed)
{
    internal bool IsNothing => Added.Count + Changed.Count + Removed.Count == 0;
}

/// <summary>
/// The daemon's heart: one loop a remote, so that none waits for another. Which remotes there are may change while it runs.
/// </summary>
internal sealed class FleetPoller(TaskStore store, Freshness freshness, ServerOptions options, ILogger<FleetPoller> logger) : IHostedService, IDisposable
{
    private readonly SemaphoreSlim _connections = new(options.ConnectionsMax);
    private readonly SemaphoreSlim _reloading = new(1);
    private readonly CancellationTokenSource _stopping = new();

    // What is no longer polled and not forgotten yet.
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, PolledRemote> _remotes = ImmutableSortedDictionary.Create<string, PolledRemote>(StringComparer.Ordinal);

    /// <summary>The kinds of work of a remote's loop, in the order in which they are done when both are due.</summary>
    internal enum RemoteWork
    {
        Fetch,
        Running,
    }

    /// <summary>What is polled now, by id.</summary>
    internal IReadOnlyDictionary<string, RemotePoller> Remotes =>
        Volatile.Read(ref _remotes).ToDictionary(remote => remote.Key, remote => remote.Value.Poller, StringComparer.Ordinal);

    /// <summary>Why a loop has ended that should not; null: all go on.</summary>
    internal Exception? Failure => Volatile.Read(ref _remotes).Values.Select(remote => remote.Loop?.Exception).FirstOrDefault(error => error is not null);

    /// <summary>Whether nothing is due now: every loop waits for a time to come.</summary>
    internal bool IsIdle => Volatile.Read(ref _remotes).Values.All(
        remote => remote.DueAt > options.Clock.GetTimestamp() && !remote.Poller.AwaitsLateAnswers);

    /// <summary>Polls some remotes now, and waits for them.</summary>
    internal Task<PollOutcome[]> RefreshAsync(IEnumerable<string> remotes, CancellationToken ct)
    {
        ImmutableSortedDictionary<string, PolledRemote> polled = Volatile.Read(ref _remotes);
        return Task.WhenAll(remotes.Where(polled.ContainsKey).Select(remote => polled[remote].Poller.RefreshAsync(polled[remote].Token).WaitAsync(ct)));
    }

    /// <summary>
    /// Polls these remotes from now on, and no other. What is new or changed is asked at once; of what is gone the finished tasks stay, and what ran on it is
    /// no longer listed, since nobody will know how it ends.
    /// </summary>
    internal async Task<ReloadOutcome> ReloadAsync(IReadOnlyList<RemoteDefinition> remotes, CancellationToken ct)
    {
        await _reloading.WaitAsync(ct);
        try
        {
            ImmutableSortedDictionary<string, PolledRemote> before = Volatile.Read(ref _remotes);
            RemoteDefinition[] added = [.. remotes.Where(remote => !before.ContainsKey(remote.Id))];
            RemoteDefinition[] changed = [.. remotes.Where(remote => before.TryGetValue(remote.Id, out PolledRemote? old) && !old.Poller.Remote.IsSameAs(remote))];
            string[] removed = [.. before.Keys.Where(id => remotes.All(remote => remote.Id != id))];
            string[] stopped = [.. removed, .. changed.Select(remote => remote.Id)];
            foreach (string id in stopped)
                await StopAsync(before[id]);

            // Whatever fails from here on: nobody takes for polled what has been stopped. What is only changed is never off the list.
            ImmutableSortedDictionary<string, PolledRemote> after = before.RemoveRange(stopped);
            try
            {
                foreach (RemoteDefinition remote in added.Concat(changed))
                    after = after.SetItem(remote.Id, Start(remote));
            }
            finally
            {
                Volatile.Write(ref _remotes, after);
                foreach (string id in stopped)
                    before[id].Dispose();
            }

            _removed.UnionWith(removed);
            _removed.ExceptWith(remotes.Select(remote => remote.Id));
            foreach (string id in _removed.ToArray())
            {
                await ForgetAsync(id, ct);
                _removed.Remove(id);
            }

            return new ReloadOutcome([.. added.Select(remote => remote.Id)], [.. changed.Select(remote => remote.Id)], removed);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>Begins with the remotes of the options.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        logger.PollingStarted(options.Remotes.Count, store.Cache.Directory);
        _removed.UnionWith(PolledBefore());
        try
        {
            await ReloadAsync(options.Remotes, cancellationToken);
        }
        catch (Exception error) when (error is CacheException or IOException)
        {
            // All are polled; what is still to be forgotten is with the next reload.
            logger.MaintenanceFailed(error, "Forgetting remotes that are gone");
        }
    }

    public void Dispose()
    {
        foreach (PolledRemote remote in _remotes.Values)
            remote.Dispose();
        _connections.Dispose();
        _reloading.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Ends all polls, and waits for that.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(Volatile.Read(ref _remotes).Values.Select(StopAsync)).WaitAsync(cancellationToken);
    }

    private static async Task StopAsync(PolledRemote remote)
    {
        await remote.Stopping.CancelAsync();
        if (remote.Loop is { } loop)
            await loop.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await remote.Poller.EndAsync();
    }

    private PolledRemote Start(RemoteDefinition remote)
    {
        var gate = new CallGate(_connections, options.ConnectionsPerRemote);
        var poller = new RemotePoller(remote, options, gate, store, freshness, logger);
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var polled = new PolledRemote(poller, gate, stopping);
        polled.Loop = Task.Run(() => LoopAsync(polled, stopping.Token), CancellationToken.None);
        return polled;
    }

    /// <summary>Remotes that were polled: some may have been taken off the list while no daemon ran. What was imported was not.</summary>
    private IEnumerable<string> PolledBefore()
    {
        try
        {
            using CacheReader reader = store.Cache.Read();
            return [.. reader.State.Nodes.Select(node => node.Remote)];
        }
        catch (Exception error) when (error is CacheException or IOException)
        {
            // The next start looks again.
            logger.MaintenanceFailed(error, "Looking for remotes that are gone");
            return [];
        }
    }

    private async Task ForgetAsync(string remote, CancellationToken ct)
    {
        freshness.Forget(remote, static _ => true);
        await store.WriteAsync(
            writer =>
            {
                writer.RemoveRemote(remote, purge: false);
                return true;
            },
            ct);
    }

    private async Task LoopAsync(PolledRemote remote, CancellationToken ct)
    {
        RemotePoller poller = remote.Poller;
        PollIntervals every = options.Intervals;
        var schedule = PollSchedule<RemoteWork>.Of((RemoteWork.Fetch, every.Fetch), (RemoteWork.Running, every.Running));
        long began = options.Clock.GetTimestamp();
        while (!ct.IsCancellationRequested)
        {
            (IReadOnlyList<RemoteWork> due, schedule) = schedule.Take(options.Clock.GetElapsedTime(began));
            try
            {
                // A fetch sees everything that the shorter look at running tasks would.
                if (due.Count > 0)
                    await poller.PollAsync(due.Contains(RemoteWork.Fetch) ? PollReason.Schedule : PollReason.Running, ct);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.PollFailed(error, poller.Id);
            }

            TimeSpan now = options.Clock.GetElapsedTime(began);
            if (due.Contains(RemoteWork.Fetch))
                schedule = schedule.With(RemoteWork.Fetch, now + poller.Next(every.Fetch, Random.Shared.NextDouble()));
            TimeSpan pause = schedule.Next - now;

            // Only when it waits it says so: who turns a clock by hand must not turn it in between.
            Task waiting = pause > TimeSpan.Zero ? Task.Delay(pause, options.Clock, ct) : Task.CompletedTask;
            remote.DueAt = options.Clock.GetTimestamp() + (long)(pause.TotalSeconds * options.Clock.TimestampFrequency);
            await waiting;
        }
    }

    private sealed record PolledRemote(RemotePoller Poller, CallGate Gate, CancellationTokenSource Stopping) : IDisposable
    {
        private long _dueAt;

        internal Task? Loop { get; set; }

        /// <summary>Cancelled when it is no longer polled.</summary>
        internal CancellationToken Token { get; } = Stopping.Token;

        /// <summary>When its loop has something to do; a time stamp, in the past while it works.</summary>
        internal long DueAt
        {
            get => Interlocked.Read(ref _dueAt);
            set => Interlocked.Exchange(ref _dueAt, value);
        }

        public void Dispose()
        {
            Poller.Dispose();
            Gate.Dispose();
            Stopping.Dispose();
        }
    }
}
