using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Observation;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>
/// Fetches the logs of tasks that did not end OK, once, before their node deletes them: the reason for a failure is to outlive the node's memory. A few
/// at a time, through the same gate as polls, which never wait for it; what fails is tried again a few times.
/// </summary>
internal sealed class LogKeeper(KeptLogs logs, TaskStore store, FleetPoller fleet, ServerOptions options, ILogger<LogKeeper> logger) : BackgroundService
{
    private const int AtATime = 4;
    private const int QueueMax = 2000;

    /// <summary>Of what ended just before the daemon began, some began long before.</summary>
    private static readonly TimeSpan LongestOfRecent = TimeSpan.FromDays(2);

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)];
    private static readonly TimeSpan TrimEvery = TimeSpan.FromHours(1);

    private readonly LogQueue _queue = new(QueueMax);
    private readonly SemaphoreSlim _news = new(0);

    private long RecentSince => (options.Clock.GetUtcNow() - options.KeptLogs.Recent).ToUnixTimeSeconds();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.KeptLogs.IsOn)
            store.OnStored = Offer;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        store.OnStored = static _ => { };
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.KeptLogs.IsOn)
            return;
        await Task.Run(CatchUp, stoppingToken);
        var running = new List<Task>();
        Task news = _news.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            while (running.Count < AtATime && _queue.Take(options.Clock.GetTimestamp()) is { } job)
                running.Add(RunAsync(job, stoppingToken));
            using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken))
            {
                await Task.WhenAny([.. running, news, Task.Delay(Pause(running.Count), options.Clock, waiting.Token)]);
                await waiting.CancelAsync();
            }

            running.RemoveAll(static task => task.IsCompleted);
            if (news.IsCompleted)
                news = _news.WaitAsync(stoppingToken);
            logs.Trim();
        }
    }

    /// <summary>How long nothing happens by itself.</summary>
    private TimeSpan Pause(int running)
    {
        if (running >= AtATime || _queue.NextDue is not { } due)
            return TrimEvery;
        TimeSpan left = options.Clock.GetElapsedTime(options.Clock.GetTimestamp(), due);
        return left < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : left < TrimEvery ? left : TrimEvery;
    }

    /// <summary>What failed of late, and was not fetched before the last daemon ended.</summary>
    private void CatchUp()
    {
        using CacheReader reader = store.Cache.Read();
        TaskPage page = reader.List(new TaskQuery
        {
            Scope = TaskScope.Finished,
            Statuses = [StatusClass.Error, StatusClass.Warning, StatusClass.Unknown],
            Since = RecentSince - (long)LongestOfRecent.TotalSeconds,
            Limit = QueueMax,
        });
        Offer([.. page.Rows.Select(row => new TaskRecord(row.Upid, row.StartTime, row.Status, row.EndTime))]);
    }

    private void Offer(IReadOnlyList<TaskRecord> tasks)
    {
        long since = RecentSince;
        bool isNews = false;
        foreach (TaskRecord task in tasks)
        {
            if (task.EndTime is { } end && end >= since && task.Status != "OK" && RemoteUpid.TryParse(task.Upid, out RemoteUpid? upid, out _) && !logs.Contains(upid))
                isNews |= _queue.TryAdd(upid, options.Clock.GetTimestamp());
        }

        if (isNews)
            _news.Release();
    }

    private async Task RunAsync(LogJob job, CancellationToken ct)
    {
        try
        {
            if (await FetchAsync(job.Task, ct) is { } log)
                await Task.Run(() => logs.Keep(job.Task, log), ct);
            _queue.Settle(job);
            Telemetry.LogFetched("kept");
        }
        catch (ProxmoxException error) when (error.Kind is ProxmoxErrorKind.NotFound or ProxmoxErrorKind.BadParameter or ProxmoxErrorKind.AnswerTooLarge)
        {
            GiveUp(job, error);
        }
        catch (Exception error) when (error is ProxmoxException or IOException or UnauthorizedAccessException)
        {
            if (job.Tries >= Pauses.Length)
                GiveUp(job, error);
            else
                _queue.PutBack(job, options.Clock.GetTimestamp() + (long)(Pauses[job.Tries].TotalSeconds * options.Clock.TimestampFrequency));
        }
        catch (OperationCanceledException)
        {
            // The daemon ends: the next one catches up.
            _queue.Settle(job);
        }
        catch (Exception error)
        {
            _queue.Settle(job);
            logger.MaintenanceFailed(error, "Keeping a log");
        }
    }

    /// <summary>Null when there is nothing to be had: the remote is not polled any more, or the node has lost it.</summary>
    private async Task<KeptLog?> FetchAsync(RemoteUpid task, CancellationToken ct)
    {
        if (!fleet.Remotes.TryGetValue(task.Remote, out RemotePoller? poller))
            return null;
        return await new RemoteLog(new TaskAtRemote(poller.Client, task))
            .AskEndAsync(options.KeptLogs, options.Clock.GetUtcNow().ToUnixTimeSeconds(), call => poller.Gate.RunAsync(call, ct), ct);
    }

    private void GiveUp(LogJob job, Exception error)
    {
        _queue.Settle(job);
        Telemetry.LogFetched("given-up");
        logger.LogNotKept(job.Task.Text, error.Message);
    }
}
