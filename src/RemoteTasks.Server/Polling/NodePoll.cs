using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What is known of a node before it is asked.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node's name in URLs.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known; null: nothing yet.</param>
/// <param name="Watched">Tasks that ran when it was asked last.</param>
internal sealed record NodeKnowledge(string Remote, string Node, long? Cutoff, IReadOnlyList<RemoteUpid> Watched);

/// <summary>What a node answered.</summary>
internal sealed record NodeAnswer(IReadOnlyList<TaskRecord> Tasks, long? Cutoff, HistoryGap? Gap, IReadOnlyList<string> Rejected);

/// <summary>
/// Asks one node for what is new. Everything that began at or after its cut-off is listed; tasks that ran before and began earlier are
/// watched one by one, and the final row of one that has ended is asked for alone: a task that runs for days holds nothing back.
/// </summary>
internal sealed class NodePoll(ProxmoxClient client, CallGate gate, TimeProvider clock)
{
    /// <summary>
    /// Seconds before the cut-off from where on tasks are listed again: a node may note a task a moment after one that began later.
    /// </summary>
    private const long OverlapSeconds = 10;

    private readonly string _kind = client.Remote.Type.Word();

    internal async Task<NodeAnswer> AskAsync(NodeKnowledge known, CancellationToken ct)
    {
        NodeListing listing = await ListAsync(known.Node, known.Cutoff - OverlapSeconds, until: null, ct);
        var tasks = new List<RemoteTask>(listing.Tasks);
        tasks.AddRange(await AskWatchedAsync(known, listing, ct));

        // Beyond the remote's own clock nothing is known, whatever a UPID says.
        long? newest = listing.Tasks.Count == 0 ? null : listing.Tasks.Max(task => task.StartTime);
        long? cutoff = listing.IsComplete && newest is not null ? Math.Min(newest.Value, listing.RemoteTime ?? long.MaxValue) : null;
        return new NodeAnswer([.. tasks.Select(Record)], cutoff, await FindGapAsync(known, listing, ct), listing.Rejected);
    }

    /// <summary>Everything that began in a span, for repair.</summary>
    internal async Task<NodeAnswer> AskRangeAsync(string node, long since, long until, CancellationToken ct)
    {
        NodeListing listing = await ListAsync(node, since, until, ct);
        return new NodeAnswer([.. listing.Tasks.Select(Record)], Cutoff: null, Gap: null, listing.Rejected);
    }

    private Task<NodeListing> ListAsync(string node, long? since, long? until, CancellationToken ct)
    {
        var parameters = new TaskListParameters { Source = TaskSource.All, Since = since is null ? null : Math.Max(0, since.Value), Until = until };
        return NodeListing.FetchAsync(start => gate.RunAsync(() => client.ListTasksAsync(node, parameters with { Start = start }, ct), ct), parameters.Limit);
    }

    private TaskRecord Record(RemoteTask task) => new($"{_kind}:{client.Remote.Id}!{task.Upid}", task.StartTime, task.Status, task.EndTime);

    private async Task<List<RemoteTask>> AskWatchedAsync(NodeKnowledge known, NodeListing listing, CancellationToken ct)
    {
        var ended = new List<RemoteTask>();
        RemoteUpid[] unlisted = [.. known.Watched.Where(task => !listing.Contains(task.Native))];
        if (unlisted.Length == 0)
            return ended;
        var active = new TaskListParameters { Source = TaskSource.Active };
        TaskListAnswer running = await gate.RunAsync(() => client.ListTasksAsync(known.Node, active, ct), ct);
        var stillRunning = running.Tasks.Where(task => task.EndTime is null).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        foreach (RemoteUpid task in unlisted.Where(task => !stillRunning.Contains(task.Native)))
        {
            if (await AskEndAsync(known.Node, task, ct) is { } end)
                ended.Add(end);
        }

        return ended;
    }

    /// <summary>The final row of a task that no longer runs; null while the remote contradicts that.</summary>
    private async Task<RemoteTask?> AskEndAsync(string node, RemoteUpid task, CancellationToken ct)
    {
        NodeListing second = await ListAsync(node, task.StartTime, task.StartTime, ct);
        if (second.Tasks.FirstOrDefault(row => row.Upid == task.Native) is { } row)
            return row.EndTime is null ? null : row;

        // The node's list has forgotten it, or never had it: its log may still say how it ended, though not when.
        long noticed = second.RemoteTime ?? clock.GetUtcNow().ToUnixTimeSeconds();
        try
        {
            TaskStatusAnswer status = await gate.RunAsync(() => client.GetTaskStatusAsync(node, task.Native, ct), ct);
            return status.Running ? null : new RemoteTask(task.Native, task.StartTime, noticed, status.ExitStatus ?? "unknown");
        }
        catch (ProxmoxException error) when (error.Kind is ProxmoxErrorKind.NotFound)
        {
            return new RemoteTask(task.Native, task.StartTime, noticed, "unknown");
        }
    }

    /// <summary>
    /// The newest known task must come back, since the list begins before it. When it does not, the node has forgotten more than was
    /// fetched, unless it only hides: a token that lost its rights sees an empty list, not an error.
    /// </summary>
    private async Task<HistoryGap?> FindGapAsync(NodeKnowledge known, NodeListing listing, CancellationToken ct)
    {
        if (known.Cutoff is not { } cutoff || !listing.IsComplete || listing.Tasks.Any(task => task.StartTime <= cutoff))
            return null;
        if (await gate.RunAsync(() => client.SeesAllTasksAsync(known.Node, ct), ct) == false)
            throw new HiddenTasksException(client.Remote);
        return new HistoryGap(cutoff, listing.Tasks.Count == 0 ? cutoff : listing.Tasks.Min(task => task.StartTime));
    }
}

/// <summary>The token may ask, but sees only its own tasks.</summary>
internal sealed class HiddenTasksException(RemoteDefinition remote) : Exception(
    $"The token '{remote.AuthId}' sees only its own tasks. "
    + (remote.Type == RemoteType.Pve
        ? $"Give it Sys.Audit: pveum acl modify / --tokens '{remote.AuthId}' --roles PVEAuditor (and the same for its user)."
        : $"Give it Sys.Audit: proxmox-backup-manager acl update /system/tasks Audit --auth-id '{remote.AuthId}' (and the same for its user)."));
