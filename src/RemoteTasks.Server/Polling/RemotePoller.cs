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
/// Polls one remote, on its own: whatever it does, the others' tasks come in on time. All its nodes are asked side by side, and what those answered that did
/// so soon is stored as one batch; whoever takes longer holds up itself alone.
/// </summary>
internal sealed class RemotePoller : IDisposable
{
    private readonly ServerOptions _options;
    private readonly TaskStore _store;
    private readonly Freshness _freshness;
    private readonly ILogger _logger;
    private readonly RemoteLink _link;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, PolledNode> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _late = new();
    private readonly StrayTasks _strays;
    private Task<PollOutcome>? _requested;
    private int _failures;

    internal RemotePoller(RemoteDefinition remote, ServerOptions options, CallGate gate, TaskStore store, Freshness freshness, ILogger logger)
    {
        (_options, _store, _freshness, _logger, _clock) = (options, store, freshness, logger, options.Clock);
        _strays = new StrayTasks(options.Clock);
        var client = new ProxmoxClient(remote, new ProxmoxClientOptions { ConnectionsPerRemote = options.ConnectionsPerRemote, BreakClock = options.Clock });
        _link = new RemoteLink(remote, client, gate, new RemoteRights(options));
        Repair = new RemoteRepair(_link, store, options.Clock, logger);
    }

    /// <summary>Asks for what damage took away.</summary>
    internal RemoteRepair Repair { get; }

    internal ProxmoxClient Client => _link.Client;

    internal CallGate Gate => _link.Gate;

    internal string Id => _link.Remote.Id;

    internal RemoteDefinition Remote => _link.Remote;

    /// <summary>Whether answers that took long are still to come.</summary>
    internal bool AwaitsLateAnswers => !_late.IsEmpty;

    private bool IsCluster => Remote.Type == RemoteType.Pve;

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    private double TasksPerHour => _nodes.Values.Select(node => node.TasksPerHour).DefaultIfEmpty().Max();

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
                Client.TryAgain();
            return await PollInTurnAsync(reason, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits until nothing of it is under way any more. Whoever waits must have cancelled it.</summary>
    internal async Task EndAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        _turn.Release();
        await Task.WhenAll(_late.Keys);
    }

    /// <summary>After how long it is to be polled again.</summary>
    internal TimeSpan Next(TimeSpan every, double chance)
    {
        int failures = Volatile.Read(ref _failures);
        return failures == 0
            ? PollPlan.Next(every, TasksPerHour, chance)
            : PollPlan.Retry(every, _options.Intervals.RetryMax, failures, TasksPerHour, chance);
    }

    public void Dispose()
    {
        Client.Dispose();
        _turn.Dispose();
    }

    private NodePoll NodePoll() => new(Client, _link.Gate, _clock);

    private Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken ct) => _link.Gate.RunAsync(call, ct);

    private PolledNode Node(string name) => _nodes.GetOrAdd(name, _ => new PolledNode(name, _link, _store, _freshness, _options, _logger));

    private async Task<PollOutcome> PollInTurnAsync(PollReason reason, CancellationToken ct)
    {
        RemoteKnowledge known = await Task.Run(() => RemoteKnowledge.Read(_store.Cache, Id), ct);
        if (reason == PollReason.Running && (known.Watched.Count == 0 || Volatile.Read(ref _failures) > 0))
            return new PollOutcome(Id, 0, 0, new Dictionary<string, string>());

        using Measure measure = Telemetry.Poll(Id);
        IReadOnlyList<RemoteNode> nodes;
        TokenRights? rights;
        ClusterSignal? signal;
        long began = _clock.GetTimestamp();
        try
        {
            // Who asks by hand may have changed them just now.
            rights = await (reason == PollReason.Request ? _link.Rights.AskAsync(_link, ct) : _link.Rights.GetAsync(_link, ct));
            Task<ClusterSignal?> told = IsCluster && rights?.SeesClusterTasks == true ? SignalAsync(ct) : Task.FromResult<ClusterSignal?>(null);
            nodes = await RunAsync(() => Client.ListNodesAsync(ct), ct);
            signal = await told;
        }
        catch (ProxmoxException error)
        {
            Interlocked.Increment(ref _failures);
            return await StoreUnreachedAsync(known, error, _clock.GetElapsedTime(began), reason, ct);
        }

        _strays.Named(nodes);
        _freshness.Forget(Id, node => node is not null && nodes.All(named => named.Name != node));
        var asked = new Dictionary<string, Task<NodeResult>>(StringComparer.Ordinal);
        foreach (RemoteNode named in nodes)
        {
            PolledNode node = Node(named.Name);
            NodeKnowledge knowledge = known.Of(named.Name, Remote.Type);
            if (!named.Online && reason != PollReason.Running && !node.IsBusy)
                asked[named.Name] = Task.FromResult(node.Offline());
            else if (named.Online && node.IsDue(reason, knowledge, signal))
                asked[named.Name] = node.AskAsync(reason, knowledge, rights, signal, ct);
            else if (named.Online && reason == PollReason.Request)
                asked[named.Name] = Task.FromResult(Owing(named.Name));
            else if (named.Online && signal is not null)
                node.Unchanged(_clock.GetElapsedTime(began));
        }

        await WaitAsync(Task.WhenAll(asked.Values), ct);
        NodeResult[] results = await Task.WhenAll(asked.Select(node => node.Value.IsCompleted ? node.Value : Task.FromResult(Late(node.Key, node.Value, reason, ct))));
        Volatile.Write(ref _failures, results.Length == nodes.Count && results.All(result => result is { Answer: null, Report: not null }) ? _failures + 1 : 0);
        bool isWhole = nodes.All(node => node.Online && !Node(node.Name).HasFailed && !Node(node.Name).IsBusy);
        return await StoreAsync([.. results, .. Gone(known, nodes), .. isWhole && reason != PollReason.Running ? await AskStrayAsync(known, nodes, results, ct) : []], reason, ct);
    }

    /// <summary>What the cluster tells of its nodes; null when it cannot, so that each is asked itself.</summary>
    private async Task<ClusterSignal?> SignalAsync(CancellationToken ct)
    {
        try
        {
            return ClusterSignal.Of(await RunAsync(() => Client.ListClusterTasksAsync(ct), ct));
        }
        catch (ProxmoxException)
        {
            return null;
        }
    }

    /// <summary>Waits until all is done, or what is left takes long.</summary>
    private async Task WaitAsync(Task all, CancellationToken ct)
    {
        do
        {
            await Task.WhenAny(all, Task.Delay(_options.Patience / 5, TimeProvider.System, ct));
            ct.ThrowIfCancellationRequested();
        }
        while (!all.IsCompleted && !_link.Gate.IsStillFor(_options.Patience));
    }

    /// <summary>What is said of a node that takes long; its answer is stored when it comes.</summary>
    private NodeResult Late(string node, Task<NodeResult> answer, PollReason reason, CancellationToken ct)
    {
        Task storing = StoreLateAsync(answer, reason, ct);
        _late[storing] = true;
        _ = storing.ContinueWith(done => _late.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return Owing(node);
    }

    /// <summary>Said of a node that is not asked again before it has answered.</summary>
    private NodeResult Owing(string node) =>
        new(node, Answer: null, Report: null, $"It has not answered for {_options.Patience.TotalSeconds:0.#} s; what it brings is stored when it comes.");

    private async Task StoreLateAsync(Task<NodeResult> late, PollReason reason, CancellationToken ct)
    {
        try
        {
            await StoreAsync([await late], reason, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // It is no longer polled.
        }
        catch (Exception error)
        {
            _logger.PollFailed(error, Id);
        }
    }

    /// <summary>Nodes that were out of reach and have been taken out of the cluster since: nobody waits for them any more.</summary>
    private IEnumerable<NodeResult> Gone(RemoteKnowledge known, IReadOnlyList<RemoteNode> nodes) =>
        from node in known.State.Nodes
        where node.Remote == Id && node.NotReachedSince is not null && nodes.All(named => named.Name != node.Node)
        select new NodeResult(node.Node, Answer: null, new NodeReport(Id, node.Node, Now), Problem: null);

    private async Task<IReadOnlyList<NodeResult>> AskStrayAsync(RemoteKnowledge known, IReadOnlyList<RemoteNode> nodes, NodeResult[] results, CancellationToken ct)
    {
        IReadOnlyList<TaskRecord> ends = IsCluster ? await _strays.AskAsync(NodePoll(), known, nodes, results, ct) : [];
        return ends.Count == 0 ? [] : [new NodeResult("-", new NodeAnswer(ends, []), Report: null, Problem: null)];
    }

    /// <summary>The remote did not even name its nodes: all that are known are out of reach.</summary>
    private Task<PollOutcome> StoreUnreachedAsync(RemoteKnowledge known, ProxmoxException error, TimeSpan took, PollReason reason, CancellationToken ct)
    {
        _freshness.Failed(Id, node: null, Now, took, error.Message);
        NodeResult[] results = [.. known.Nodes.Where(node => !Node(node).IsBusy).Select(node => Node(node).Failed(error.Message, took, Telemetry.Word(error.Kind)))];
        if (results.Length == 0)
            results = [Node(IsCluster ? "-" : "localhost").Failed(error.Message, took, Telemetry.Word(error.Kind)) with { Report = null }];
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
        UpdateResult stored = await (reason == PollReason.Running ? _store.WriteAsync(writer => writer.Update(batch), ct) : _store.StoreAsync(Id, batch, ct));
        Telemetry.Stored(Id, stored.New);
        _store.OnStored(batch.Tasks);
        foreach (NodeResult result in results)
            result.OnStored?.Invoke();
        if (stored.Rejected.Count > 0)
            _logger.RecordsRejected(Id, "-", stored.Rejected.Count, stored.Rejected[0].Reason);
        if (stored.New > 0)
            _logger.TasksStored(Id, stored.New, stored.Running);
        return new PollOutcome(Id, stored.New, stored.Running, problems);
    }
}
