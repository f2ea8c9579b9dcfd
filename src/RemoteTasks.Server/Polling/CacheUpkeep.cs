using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Observation;

namespace RemoteTasks.Server.Polling;

/// <summary>What the cache needs from time to time: a new archive, the journal merged, damage fetched again.</summary>
internal sealed class CacheUpkeep(TaskStore store, FleetPoller fleet, ServerOptions options, ILogger<CacheUpkeep> logger) : BackgroundService
{
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

    /// <summary>Asks every remote once for what damage took away, then settles it, whatever came back: what is gone is not asked for for ever.</summary>
    private async Task RepairAsync(CancellationToken ct)
    {
        IReadOnlyList<Repair> repairs;
        using (CacheReader reader = store.Cache.Read())
            repairs = [.. reader.State.Repairs.Where(repair => repair.Settled is null)];
        foreach (Repair repair in repairs)
        {
            int fetched = 0;
            foreach (RemotePoller poller in fleet.Remotes.Values)
            {
                try
                {
                    fetched += await poller.RepairAsync(repair.Damage.From, repair.Damage.To, ct);
                }
                catch (ProxmoxException error)
                {
                    logger.NodeFailed(poller.Id, "-", error.Message);
                }
            }

            await SettleAsync(repair, fetched, ct);
        }
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
