using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// The daemon's heart: one loop a remote, so that none waits for another, and one for the upkeep of the cache.
/// </summary>
internal sealed class FleetPoller : BackgroundService
{
    private readonly TaskStore _store;
    private readonly ServerOptions _options;
    private readonly ILogger<FleetPoller> _logger;
    private readonly SemaphoreSlim _connections;
    private readonly List<CallGate> _gates = [];
    private readonly Dictionary<string, RemotePoller> _pollers = new(StringComparer.Ordinal);

    public FleetPoller(TaskStore store, Freshness freshness, ServerOptions options, ILogger<FleetPoller> logger)
    {
        _store = store;
        _options = options;
        _logger = logger;
        _connections = new SemaphoreSlim(options.ConnectionsMax);
        foreach (RemoteDefinition remote in options.Remotes)
        {
            var gate = new CallGate(_connections, options.ConnectionsPerRemote);
            _gates.Add(gate);
            var client = new ProxmoxClient(remote, new ProxmoxClientOptions { ConnectionsPerRemote = options.ConnectionsPerRemote });
            _pollers.Add(remote.Id, new RemotePoller(client, gate, store, freshness, options.Clock, logger));
        }
    }

    /// <summary>The kinds of work of a remote's loop, in the order in which they are done when both are due.</summary>
    internal enum RemoteWork
    {
        Fetch,
        Running,
    }

    /// <summary>The kinds of upkeep, in the order in which they are done.</summary>
    internal enum Upkeep
    {
        Rotate,
        Apply,
        Repair,
    }

    internal IReadOnlyDictionary<string, RemotePoller> Remotes => _pollers;

    /// <summary>Polls some remotes (all when none is named) now, and waits for them.</summary>
    internal Task<PollOutcome[]> RefreshAsync(IEnumerable<string> remotes, CancellationToken ct) =>
        Task.WhenAll(remotes.Select(remote => _pollers[remote].RefreshAsync(CancellationToken.None).WaitAsync(ct)));

    public override void Dispose()
    {
        foreach (RemotePoller poller in _pollers.Values)
            poller.Client.Dispose();
        foreach (CallGate gate in _gates)
            gate.Dispose();
        _connections.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _logger.PollingStarted(_pollers.Count, _store.Cache.Directory);
        await Task.WhenAll(_pollers.Values.Select(poller => PollAsync(poller, stoppingToken)).Append(KeepUpAsync(stoppingToken)));
    }

    private Task PollAsync(RemotePoller poller, CancellationToken ct)
    {
        PollIntervals every = _options.Intervals;
        return LoopAsync(
            PollSchedule<RemoteWork>.Of((RemoteWork.Fetch, every.Fetch), (RemoteWork.Running, every.Running)),
            async due =>
            {
                try
                {
                    // A fetch sees everything that the shorter look at running tasks would.
                    await (due.Contains(RemoteWork.Fetch) ? poller.RefreshAsync(ct) : poller.FollowRunningAsync(ct));
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    _logger.PollFailed(error, poller.Id);
                }
            },
            ct);
    }

    private Task KeepUpAsync(CancellationToken ct)
    {
        PollIntervals every = _options.Intervals;
        return LoopAsync(
            PollSchedule<Upkeep>.Of((Upkeep.Rotate, every.Rotate), (Upkeep.Apply, every.Apply), (Upkeep.Repair, every.Repair)),
            async due =>
            {
                foreach (Upkeep work in due)
                {
                    try
                    {
                        await DoAsync(work, ct);
                    }
                    catch (Exception error) when (error is not OperationCanceledException)
                    {
                        _logger.MaintenanceFailed(error, work.ToString());
                    }
                }
            },
            ct);
    }

    private async Task LoopAsync<TWork>(PollSchedule<TWork> schedule, Func<IReadOnlyList<TWork>, Task> work, CancellationToken ct)
        where TWork : struct, Enum
    {
        long began = _options.Clock.GetTimestamp();
        while (!ct.IsCancellationRequested)
        {
            (IReadOnlyList<TWork> due, schedule) = schedule.Take(_options.Clock.GetElapsedTime(began));
            if (due.Count > 0)
                await work(due);
            TimeSpan pause = schedule.Next - _options.Clock.GetElapsedTime(began);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, _options.Clock, ct);
        }
    }

    private async Task DoAsync(Upkeep work, CancellationToken ct)
    {
        switch (work)
        {
            case Upkeep.Rotate:
                RotateResult rotated = await _store.WriteAsync(writer => writer.Rotate(), ct);
                if (rotated.Begun is not null || rotated.Compressed.Count + rotated.Dropped.Count > 0)
                    _logger.Rotated(rotated.Begun ?? "-", string.Join(' ', rotated.Compressed), string.Join(' ', rotated.Dropped));
                break;
            case Upkeep.Apply:
                ApplyResult applied = await _store.WriteAsync(writer => writer.ApplyJournal(), ct);
                if (applied.Rows > 0)
                    _logger.JournalApplied(applied.Rows, applied.Files);
                break;
            default:
                await RepairAsync(ct);
                break;
        }
    }

    /// <summary>Asks every remote once for what damage took away, then settles it, whatever came back: what is gone is not asked for for ever.</summary>
    private async Task RepairAsync(CancellationToken ct)
    {
        IReadOnlyList<Repair> repairs;
        using (CacheReader reader = _store.Cache.Read())
            repairs = [.. reader.State.Repairs.Where(repair => repair.Settled is null)];
        foreach (Repair repair in repairs)
        {
            int fetched = 0;
            foreach (RemotePoller poller in _pollers.Values)
            {
                try
                {
                    fetched += await poller.RepairAsync(repair.Damage.From, repair.Damage.To, ct);
                }
                catch (ProxmoxException error)
                {
                    _logger.NodeFailed(poller.Id, "-", error.Message);
                }
            }

            await _store.WriteAsync(
                writer =>
                {
                    writer.SettleRepair(repair);
                    return true;
                },
                ct);
            _logger.DamageSettled(repair.Damage.File, repair.Damage.From, repair.Damage.To, fetched);
        }
    }
}
