using System.Collections.Concurrent;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What a poll of a remote brought.</summary>
internal sealed record PollOutcome(string Remote, int New, int Running, IReadOnlyDictionary<string, string> Problems);

/// <summary>
/// Polls one remote, on its own: whatever it does, the others' tasks come in on time. All its nodes are asked side by side, and what
/// they answered is stored as one batch.
/// </summary>
internal sealed class RemotePoller(ProxmoxClient client, CallGate gate, TaskStore store, Freshness freshness, TimeProvider clock, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private Task<PollOutcome>? _underWay;

    internal ProxmoxClient Client => client;

    internal string Id => client.Remote.Id;

    /// <summary>Polls now; who asks while a full poll is under way gets that one's outcome.</summary>
    internal Task<PollOutcome> RefreshAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            if (_underWay is not { IsCompleted: false })
                _underWay = Task.Run(() => PollAsync(runningOnly: false, ct), ct);
            return _underWay;
        }
    }

    /// <summary>Polls the nodes on which tasks ran, to see them end.</summary>
    internal Task<PollOutcome> FollowRunningAsync(CancellationToken ct) => PollAsync(runningOnly: true, ct);

    /// <summary>Fetches again what began in a span; how many tasks were new to the cache.</summary>
    internal async Task<int> RepairAsync(long since, long until, CancellationToken ct)
    {
        IReadOnlyList<RemoteNode> nodes = await gate.RunAsync(() => client.ListNodesAsync(ct), ct);
        var tasks = new List<TaskRecord>();
        var reports = new List<NodeReport>();
        foreach (RemoteNode node in nodes)
        {
            try
            {
                tasks.AddRange((await new NodePoll(client, gate, clock).AskRangeAsync(node.Name, since, until, ct)).Tasks);
            }
            catch (ProxmoxException)
            {
                // What this node had is not to be had now: it is marked as lacking, not asked for again and again.
                reports.Add(new NodeReport(Id, node.Name, Now) { Reached = false, Gap = new HistoryGap(since, until) });
            }
        }

        return await store.WriteAsync(writer => writer.Update(new TaskBatch { Tasks = tasks, Nodes = reports }).New, ct);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task<PollOutcome> PollAsync(bool runningOnly, CancellationToken ct)
    {
        (CacheState state, IReadOnlyList<RemoteUpid> watched) = await Task.Run(Known, ct);
        if (runningOnly && watched.Count == 0)
            return new PollOutcome(Id, 0, 0, new Dictionary<string, string>());

        IReadOnlyList<RemoteNode> nodes;
        long began = clock.GetTimestamp();
        try
        {
            nodes = await gate.RunAsync(() => client.ListNodesAsync(ct), ct);
        }
        catch (ProxmoxException error)
        {
            return await StoreUnreachedAsync(state, error, clock.GetElapsedTime(began), runningOnly, ct);
        }

        bool isBackupServer = client.Remote.Type == RemoteType.Pbs;
        NodeKnowledge[] wanted = [.. nodes
            .Select(node => new NodeKnowledge(
                Id, node.Name, state.Find(Id, node.Name)?.Cutoff, [.. watched.Where(task => isBackupServer || task.Node == node.Name)]))
            .Where(known => !runningOnly || known.Watched.Count > 0)];
        var offline = nodes.Where(node => !node.Online).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        NodeResult[] results = await Task.WhenAll(wanted.Select(known => AskAsync(known, offline.Contains(known.Node), ct)));
        return await StoreAsync(results, runningOnly, ct);
    }

    private (CacheState State, IReadOnlyList<RemoteUpid> Watched) Known()
    {
        using CacheReader reader = store.Cache.Read();
        TaskPage running = reader.List(new TaskQuery { Scope = TaskScope.Running, Remote = Id, Limit = 0 });
        return (reader.State, [.. running.Rows.Select(row => RemoteUpid.TryParse(row.Upid, out RemoteUpid? upid, out _) ? upid : null).OfType<RemoteUpid>()]);
    }

    private async Task<NodeResult> AskAsync(NodeKnowledge known, bool isOffline, CancellationToken ct)
    {
        long began = clock.GetTimestamp();
        try
        {
            if (isOffline)
                return Failed(known.Node, "The cluster says that this node is offline.", TimeSpan.Zero);
            NodeAnswer answer = await new NodePoll(client, gate, clock).AskAsync(known, ct);
            freshness.Reached(Id, known.Node, Now, clock.GetElapsedTime(began));
            if (_problems.TryRemove(known.Node, out _))
                logger.NodeRecovered(Id, known.Node);
            if (answer.Rejected.Count > 0)
                logger.RecordsRejected(Id, known.Node, answer.Rejected.Count, answer.Rejected[0]);
            if (answer.Gap is { } gap && answer.Cutoff != known.Cutoff)
                logger.HistoryGapFound(Id, known.Node, gap.From, gap.To);
            return new NodeResult(answer, new NodeReport(Id, known.Node, Now) { Cutoff = answer.Cutoff, Gap = answer.Gap }, Problem: null);
        }
        catch (Exception error) when (error is ProxmoxException or HiddenTasksException)
        {
            return Failed(known.Node, error.Message, clock.GetElapsedTime(began));
        }
    }

    private NodeResult Failed(string node, string problem, TimeSpan took)
    {
        freshness.Failed(Id, node, Now, took, problem);
        bool isNews = !_problems.TryGetValue(node, out string? known) || known != problem;
        _problems[node] = problem;
        if (isNews)
            logger.NodeFailed(Id, node, problem);
        return new NodeResult(Answer: null, new NodeReport(Id, node, Now) { Reached = false }, problem);
    }

    /// <summary>The remote did not even name its nodes: all that are known are out of reach.</summary>
    private Task<PollOutcome> StoreUnreachedAsync(CacheState state, ProxmoxException error, TimeSpan took, bool runningOnly, CancellationToken ct)
    {
        string[] nodes = [.. state.Nodes.Where(node => node.Remote == Id).Select(node => node.Node)];
        freshness.Failed(Id, node: null, Now, took, error.Message);
        NodeResult[] results = [.. nodes.Select(node => Failed(node, error.Message, took))];
        if (results.Length == 0)
            results = [Failed(client.Remote.Type == RemoteType.Pbs ? "localhost" : "-", error.Message, took) with { Report = null }];
        return StoreAsync(results, runningOnly, ct);
    }

    private async Task<PollOutcome> StoreAsync(NodeResult[] results, bool runningOnly, CancellationToken ct)
    {
        var batch = new TaskBatch
        {
            Tasks = [.. results.SelectMany(result => result.Answer?.Tasks ?? [])],
            Nodes = [.. results.Select(result => result.Report).OfType<NodeReport>()],
        };

        // Whether a remote's tasks can be stored is what a fetch says: it comes again for certain.
        UpdateResult stored = await (runningOnly ? store.WriteAsync(writer => writer.Update(batch), ct) : store.StoreAsync(Id, batch, ct));
        if (stored.Rejected.Count > 0)
            logger.RecordsRejected(Id, "-", stored.Rejected.Count, stored.Rejected[0].Reason);
        if (stored.New > 0)
            logger.TasksStored(Id, stored.New, stored.Running);
        return new PollOutcome(
            Id,
            stored.New,
            stored.Running,
            results.Where(result => result.Problem is not null)
                .ToDictionary(result => result.Node, result => result.Problem!, StringComparer.Ordinal));
    }

    private sealed record NodeResult(NodeAnswer? Answer, NodeReport? Report, string? Problem)
    {
        internal string Node => Report?.Node ?? "-";
    }
}
