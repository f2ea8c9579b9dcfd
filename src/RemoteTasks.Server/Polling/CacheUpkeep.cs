using RemoteTasks.Cache;
using RemoteTasks.Server.Observation;

namespace RemoteTasks.Server.Polling;

/// <summary>What the cache needs from time to time: a new archive, the journal merged, damage fetched again.</summary>
internal sealed class CacheUpkeep(TaskStore store, FleetPoller fleet, ServerOptions options, ILogger<CacheUpkeep> logger) : BackgroundService
{
    // Who was away when the damage was found, as after a failure of power, should have come back by then.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Dictionary<Damage, RepairRound> _rounds = [];

    /// <summary>The kinds of upkeep, in the order in which they are done.</summary>
    internal enum Work
    {
        Rotate,
        Apply,
        Repair,
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        PollIntervals every = options.Intervals;
        var schedule = PollSchedule<Work>.Of((Work.Rotate, every.Rotate), (Work.Apply, every.Apply), (Work.Repair, every.Repair));
        long began = options.Clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            (IReadOnlyList<Work> due, schedule) = schedule.Take(options.Clock.GetElapsedTime(began));
            foreach (Work work in due)
            {
                try
                {
                    await DoAsync(work, stoppingToken);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    logger.MaintenanceFailed(error, work.ToString());
                }
            }

            TimeSpan pause = schedule.Next - options.Clock.GetElapsedTime(began);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, options.Clock, stoppingToken);
        }
    }

    private async Task DoAsync(Work work, CancellationToken ct)
    {
        using Measure measure = Telemetry.Upkeep(work.ToString().ToLowerInvariant());
        switch (work)
        {
            case Work.Rotate:
                RotateResult rotated = await store.WriteAsync(writer => writer.Rotate(), ct);
                if (rotated.Begun is not null || rotated.Compressed.Count + rotated.Dropped.Count > 0)
                    logger.Rotated(rotated.Begun ?? "-", string.Join(' ', rotated.Compressed), string.Join(' ', rotated.Dropped));
                break;
            case Work.Apply:
                ApplyResult applied = await store.WriteAsync(writer => writer.ApplyJournal(), ct);
                if (applied.Rows > 0)
                    logger.JournalApplied(applied.Rows, applied.Files);
                break;
            default:
                await RepairAsync(ct);
                break;
        }
    }

    /// <summary>
    /// Asks every node for what damage took away, then settles it. Who does not answer is asked again each time, for a day; until then the damage is named.
    /// </summary>
    private async Task RepairAsync(CancellationToken ct)
    {
        IReadOnlyList<Repair> repairs;
        using (CacheReader reader = store.Cache.Read())
            repairs = [.. reader.State.Repairs.Where(repair => repair.Settled is null)];
        foreach (Damage gone in _rounds.Keys.Except(repairs.Select(repair => repair.Damage)).ToArray())
            _rounds.Remove(gone);
        foreach (Repair repair in repairs)
        {
            if (!_rounds.TryGetValue(repair.Damage, out RepairRound? round))
                _rounds[repair.Damage] = round = new RepairRound(repair.Damage.From, repair.Damage.To, options.Clock.GetTimestamp());
            if (await AskAsync(round, ct))
                await SettleAsync(repair, round.Fetched, ct);
        }
    }

    /// <summary>Whether nobody is left to be waited for.</summary>
    private async Task<bool> AskAsync(RepairRound round, CancellationToken ct)
    {
        RemotePoller[] pollers = [.. fleet.Remotes.Values];
        bool haveAll = true;
        foreach (RemotePoller poller in pollers)
            haveAll &= await poller.Repair.AskAsync(round, ct);
        if (haveAll)
            return true;
        if (options.Clock.GetElapsedTime(round.Began) < Patience)
            return false;
        foreach (RemotePoller poller in pollers)
            await poller.Repair.GiveUpAsync(round, ct);
        return true;
    }

    /// <summary>One repair may wait for another: a journal is merged into archives, which have to be readable.</summary>
    private async Task SettleAsync(Repair repair, int fetched, CancellationToken ct)
    {
        try
        {
            await store.WriteAsync(
                writer =>
                {
                    writer.SettleRepair(repair);
                    return true;
                },
                ct);
            logger.DamageSettled(repair.Damage.File, repair.Damage.From, repair.Damage.To, fetched);
        }
        catch (IOException error)
        {
            logger.MaintenanceFailed(error, Work.Repair.ToString());
        }
    }
}
