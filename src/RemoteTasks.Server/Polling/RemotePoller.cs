using System.Collections.Concurrent;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Observation;

namespace RemoteTasks.Server.Polling;

/// <summary>What a poll of a remote brought.</summary>
internal sealed record PollOutcome(string Remote, int New, int Running, IReadOnlyDictionary<string, string> Problems);

/// <summary>Why a remote is polled.</summary>
internal enum PollReason
{
    /// <summary>Its time has come: nodes on which nothing changed are passed over, and those that failed are left alone for a while.</summary>
    Schedule,

    /// <summary>Tasks run on it, or are tracked: it is looked whether they end.</summary>
    Running,

    /// <summary>Somebody wants to know now: everything is asked.</summary>
    Request,
}

/// <summary>
/// Polls one remote, on its own: whatever it does, the others' tasks come in on time. All its nodes are asked side by side, and what
/// they answered is stored as one batch.
/// </summary>
internal sealed class RemotePoller(RemoteDefinition remote, ServerOptions options, CallGate gate, TaskStore store, Freshness freshness, ILogger logger)
    : IDisposable
{
    // What is left alone for as long as there is between two polls is asked by the next one, though that may come a little early.
    private const double EarlierThanPoll = 0.75;

    private readonly ProxmoxClient _client = new(
        remote, new ProxmoxClientOptions { ConnectionsPerRemote = options.ConnectionsPerRemote, BreakClock = options.Clock });
    private readonly TimeProvider _clock = options.Clock;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NodeMemory> _memory = new(StringComparer.Ordinal);
    private readonly RemoteRights _rights = new(options);
    private Task<PollOutcome>? _requested;
    private int _failures;

    internal ProxmoxClient Client => _client;

    internal CallGate Gate => gate;

    internal string Id => remote.Id;

    internal RemoteDefinition Remote => remote;

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    private double TasksPerHour => _memory.Values.Select(node => node.TasksPerHour).DefaultIfEmpty().Max();

    /// <summary>Polls now, everything; who asks while such a poll is under way gets that one's outcome.</summary>
    internal Task<PollOutcome> RefreshAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            if (_requested is not { IsCompleted: false })
                _requested = Task.Run(() => PollAsync(PollReason.Request, ct), ct);
            return _requested;
        }
    }

    /// <summary>Polls when nobody else does: polls of one remote take turns.</summary>
    internal async Task<PollOutcome> PollAsync(PollReason reason, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (reason == PollReason.Request)
                _client.TryAgain();
            return await PollInTurnAsync(reason, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>After how long it is to be polled again.</summary>
    internal TimeSpan Next(TimeSpan every, double chance)
    {
        int failures = Volatile.Read(ref _failures);
        return failures == 0
            ? PollPlan.Next(every, TasksPerHour, chance)
            : PollPlan.Retry(every, options.Intervals.RetryMax, failures, TasksPerHour, chance);
    }

    /// <summary>Fetches again what began in a span; how many tasks were new to the cache.</summary>
    internal async Task<int> RepairAsync(long since, long until, CancellationToken ct)
    {
        IReadOnlyList<RemoteNode> nodes = await gate.RunAsync(() => _client.ListNodesAsync(ct), ct);
        var tasks = new List<TaskRecord>();
        var reports = new List<NodeReport>();
        foreach (RemoteNode node in nodes)
        {
            try
            {
                tasks.AddRange((await new NodePoll(_client, gate, _clock).AskRangeAsync(node.Name, since, until, ct)).Tasks);
            }
            catch (ProxmoxException)
            {
                // What this node had is not to be had now: it is marked as lacking, not asked for again and again.
                reports.Add(new NodeReport(Id, node.Name, Now) { Reached = false, Gap = new HistoryGap(since, until) });
            }
        }

        return await store.WriteAsync(writer => writer.Update(new TaskBatch { Tasks = tasks, Nodes = reports }).New, ct);
    }

    public void Dispose()
    {
        _client.Dispose();
        _turn.Dispose();
    }

    private async Task<PollOutcome> PollInTurnAsync(PollReason reason, CancellationToken ct)
    {
        RemoteKnowledge known = await Task.Run(() => RemoteKnowledge.Read(store.Cache, Id), ct);
        if (reason == PollReason.Running && (known.Watched.Count == 0 || Volatile.Read(ref _failures) > 0))
            return new PollOutcome(Id, 0, 0, new Dictionary<string, string>());

        using Measure measure = Telemetry.Poll(Id);
        IReadOnlyList<RemoteNode> nodes;
        ClusterSignal? signal;
        TokenRights? rights;
        long began = _clock.GetTimestamp();
        try
        {
            nodes = await gate.RunAsync(() => _client.ListNodesAsync(ct), ct);
            rights = await _rights.GetAsync(_client, gate, ct);
            signal = rights?.SeesClusterTasks == true && remote.Type == RemoteType.Pve
                ? ClusterSignal.Of(await gate.RunAsync(() => _client.ListClusterTasksAsync(ct), ct))
                : null;
        }
        catch (ProxmoxException error)
        {
            Interlocked.Increment(ref _failures);
            return await StoreUnreachedAsync(known, error, _clock.GetElapsedTime(began), reason, ct);
        }

        freshness.Forget(Id, node => node is not null && nodes.All(named => named.Name != node));
        var due = new List<Task<NodeResult>>();
        foreach (RemoteNode node in nodes)
        {
            NodeKnowledge knowledge = known.Of(node.Name, remote.Type);
            NodeMemory memory = _memory.GetOrAdd(node.Name, _ => new NodeMemory());
            if (!node.Online && reason != PollReason.Running)
                due.Add(Task.FromResult(Failed(node.Name, "The cluster says that this node is offline.", TimeSpan.Zero, "offline")));
            else if (node.Online && IsDue(reason, knowledge, memory, signal?.Of(node.Name)))
                due.Add(AskAsync(knowledge, memory, rights, signal?.Of(node.Name), ct));
            else if (node.Online && signal is not null && memory.Failures == 0)
                freshness.Unchanged(Id, node.Name, Now, _clock.GetElapsedTime(began));
        }

        NodeResult[] results = await Task.WhenAll(due);
        bool isAllLost = results.Length > 0 && nodes.Count == results.Length && results.All(result => result.Answer is null);
        Volatile.Write(ref _failures, isAllLost ? _failures + 1 : 0);
        return await StoreAsync([.. results, .. await AskStrayAsync(known, nodes, results, ct)], reason, ct);
    }

    private bool IsDue(PollReason reason, NodeKnowledge known, NodeMemory memory, string? signal)
    {
        if (reason == PollReason.Request || memory.ListedAt is not { } listed)
            return reason == PollReason.Request || _clock.GetTimestamp() >= memory.RetryAt;
        if (memory.Failures > 0)
            return _clock.GetTimestamp() >= memory.RetryAt;
        if (signal is null)
            return reason == PollReason.Schedule || known.Watched.Count > 0;
        return signal != memory.Signal || known.Tracked > 0
            || _clock.GetElapsedTime(listed) >= PollPlan.Quiet(options.Intervals.Quiet, memory.TasksPerHour);
    }

    private async Task<NodeResult> AskAsync(NodeKnowledge known, NodeMemory memory, TokenRights? rights, string? signal, CancellationToken ct)
    {
        long began = _clock.GetTimestamp();
        try
        {
            memory.Anchors ??= await Task.Run(() => RemoteKnowledge.Anchors(store.Cache, remote, known), ct);
            (IReadOnlyList<RemoteTask> anchors, RemoteTask? ended) = (memory.Anchors, memory.LastEnded);
            NodeAnswer answer = await new NodePoll(_client, gate, _clock).AskAsync(known, memory, ct);
            if (answer.Gap is not null)
                rights = await _rights.AskAsync(_client, gate, ct);
            TimeSpan took = _clock.GetElapsedTime(began);
            if (rights?.SeesAllTasks(known.Name) == false)
            {
                // What it hides is not forgotten: where to go on is kept until it shows all again.
                (memory.Anchors, memory.LastEnded) = (anchors, ended);
                NodeResult hidden = Failed(known.Name, HiddenTasks.Problem(remote), took, "hidden");
                freshness.Hidden(Id, known.Name, Now, took, HiddenTasks.Problem(remote));
                return hidden with { Answer = answer with { Cutoff = null, Gap = null } };
            }

            if (answer.Problem is not null)
                return Failed(known.Name, answer.Problem, took, "incomplete") with { Answer = answer };
            Succeeded(known, memory, answer, signal, began);
            freshness.Reached(Id, known.Name, Now, took, rights?.SeesAllTasks(known.Name), memory.Clock?.RemoteTime - Now, memory.TasksPerHour);
            return new NodeResult(
                known.Name,
                answer,
                new NodeReport(Id, known.Name, Now) { Cutoff = answer.Cutoff, ClockSetBack = answer.ClockSetBack, Gap = answer.Gap },
                Problem: null);
        }
        catch (ProxmoxException error)
        {
            return Failed(known.Name, error.Message, _clock.GetElapsedTime(began), Telemetry.Word(error.Kind));
        }
    }

    private void Succeeded(NodeKnowledge known, NodeMemory memory, NodeAnswer answer, string? signal, long began)
    {
        if (memory.ListedAt is { } last && known.Cutoff is { } cutoff && _clock.GetElapsedTime(last, began).TotalHours is > 0.001 and var hours)
            memory.TasksPerHour = Math.Max(answer.Tasks.Count(task => task.StartTime > cutoff) / hours, memory.TasksPerHour / 2);
        (memory.ListedAt, memory.Signal, memory.Failures) = (began, signal, 0);
        if (_problems.TryRemove(known.Name, out _))
            logger.NodeRecovered(Id, known.Name);
        if (answer.Rejected.Count > 0)
            logger.RecordsRejected(Id, known.Name, answer.Rejected.Count, answer.Rejected[0]);
        if (answer.Gap is { } gap)
            logger.HistoryGapFound(Id, known.Name, gap.From, gap.To);
    }

    /// <summary>
    /// Tasks whose node the remote does not name (any more): renamed, or taken out of the cluster. When all its nodes answered, each is asked for them; what
    /// none of them has is over.
    /// </summary>
    private async Task<IReadOnlyList<NodeResult>> AskStrayAsync(RemoteKnowledge known, IReadOnlyList<RemoteNode> nodes, NodeResult[] results, CancellationToken ct)
    {
        RemoteUpid[] stray = remote.Type == RemoteType.Pbs || results.Length < nodes.Count || results.Any(result => result.Problem is not null)
            ? []
            : [.. known.Watched.Where(task => nodes.All(node => node.Name != task.Node))];
        var found = results.SelectMany(result => result.Answer?.Tasks ?? []).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        var ends = new List<TaskRecord>();
        try
        {
            foreach (RemoteUpid task in stray.Where(task => !found.Contains(task.Text)))
            {
                TaskRecord?[] answers = await Task.WhenAll(nodes.Select(node => new NodePoll(_client, gate, _clock).AskEndAsync(node.Name, task, ct)));
                if (answers.All(answer => answer is not null))
                    ends.Add(answers.FirstOrDefault(answer => answer!.Status != "unknown") ?? answers[0]!);
            }
        }
        catch (ProxmoxException)
        {
            // They are asked for again.
        }

        return ends.Count == 0 ? [] : [new NodeResult("-", new NodeAnswer(ends, Cutoff: null, Gap: null, []), Report: null, Problem: null)];
    }

    private NodeResult Failed(string node, string problem, TimeSpan took, string kind)
    {
        Telemetry.Failed(Id, kind);
        freshness.Failed(Id, node, Now, took, problem);
        NodeMemory memory = _memory.GetOrAdd(node, _ => new NodeMemory());
        memory.Failures++;
        TimeSpan pause = PollPlan.Retry(options.Intervals.Fetch, options.Intervals.RetryMax, memory.Failures, memory.TasksPerHour, Random.Shared.NextDouble());
        memory.RetryAt = _clock.GetTimestamp() + (long)(pause.TotalSeconds * EarlierThanPoll * _clock.TimestampFrequency);
        bool isNews = !_problems.TryGetValue(node, out string? known) || known != problem;
        _problems[node] = problem;
        if (isNews)
            logger.NodeFailed(Id, node, problem);
        return new NodeResult(node, Answer: null, new NodeReport(Id, node, Now) { Reached = false }, problem);
    }

    /// <summary>The remote did not even name its nodes: all that are known are out of reach.</summary>
    private Task<PollOutcome> StoreUnreachedAsync(RemoteKnowledge known, ProxmoxException error, TimeSpan took, PollReason reason, CancellationToken ct)
    {
        freshness.Failed(Id, node: null, Now, took, error.Message);
        NodeResult[] results = [.. known.Nodes.Select(node => Failed(node, error.Message, took, Telemetry.Word(error.Kind)))];
        if (results.Length == 0)
            results = [Failed(remote.Type == RemoteType.Pbs ? "localhost" : "-", error.Message, took, Telemetry.Word(error.Kind)) with { Report = null }];
        return StoreAsync(results, reason, ct);
    }

    private async Task<PollOutcome> StoreAsync(IReadOnlyList<NodeResult> results, PollReason reason, CancellationToken ct)
    {
        var batch = new TaskBatch
        {
            Tasks = [.. results.SelectMany(result => result.Answer?.Tasks ?? [])],
            Nodes = [.. results.Select(result => result.Report).OfType<NodeReport>()],
        };
        var problems = results.Where(result => result.Problem is not null).ToDictionary(result => result.Node, result => result.Problem!, StringComparer.Ordinal);
        if (batch.Tasks.Count + batch.Nodes.Count == 0)
            return new PollOutcome(Id, 0, 0, problems);

        // Whether a remote's tasks can be stored is what a fetch says: it comes again for certain.
        UpdateResult stored = await (reason == PollReason.Running ? store.WriteAsync(writer => writer.Update(batch), ct) : store.StoreAsync(Id, batch, ct));
        Telemetry.Stored(Id, stored.New);
        store.OnStored(batch.Tasks);
        if (stored.Rejected.Count > 0)
            logger.RecordsRejected(Id, "-", stored.Rejected.Count, stored.Rejected[0].Reason);
        if (stored.New > 0)
            logger.TasksStored(Id, stored.New, stored.Running);
        return new PollOutcome(Id, stored.New, stored.Running, problems);
    }

    private sealed record NodeResult(string Node, NodeAnswer? Answer, NodeReport? Report, string? Problem);
}
