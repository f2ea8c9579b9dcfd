using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What is known of a node before it is asked.</summary>
/// <param name="Name">The node's name in URLs.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known; null: nothing yet.</param>
/// <param name="Watched">Tasks that ran when it was asked last.</param>
internal sealed record NodeKnowledge(string Name, long? Cutoff, IReadOnlyList<RemoteUpid> Watched)
{
    /// <summary>How many of the watched tasks somebody asked to follow.</summary>
    internal int Tracked { get; init; }
}

/// <summary>What a node answered.</summary>
/// <param name="Tasks">As the cache takes them.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known now; null: that did not change.</param>
/// <param name="Gap">What was forgotten before it was fetched.</param>
/// <param name="Rejected">Why rows were left out, a reason each.</param>
internal sealed record NodeAnswer(IReadOnlyList<TaskRecord> Tasks, long? Cutoff, HistoryGap? Gap, IReadOnlyList<string> Rejected)
{
    /// <summary>True when the node's clock was set back, so that the cut-off falls.</summary>
    internal bool ClockSetBack { get; init; }

    /// <summary>Why it is not known what is missing; null: nothing is.</summary>
    internal string? Problem { get; init; }
}

/// <summary>
/// Asks one node for what is new. Everything that began after the newest finished task that is known is listed, that one included; tasks that ran before
/// and began earlier are watched one by one, and the final row of one that has ended is asked for alone: a task that runs for days holds nothing back.
/// </summary>
internal sealed class NodePoll(ProxmoxClient client, CallGate gate, TimeProvider clock)
{
    /// <summary>
    /// Seconds before the cut-off from where on tasks are listed again: a node may note a task a moment after one that began later.
    /// </summary>
    private const long OverlapSeconds = 10;

    /// <summary>Seconds by which a remote's clock may seem to go back: answers take their time, and dates have whole seconds.</summary>
    private const long ClockToleranceSeconds = 5;

    // Below this a node of a cluster has never dropped a file.
    private const int IndexBytesMin = 50_000;

    private readonly string _kind = client.Remote.Type.Word();

    /// <summary>Asks, and remembers what the next poll needs.</summary>
    internal async Task<NodeAnswer> AskAsync(NodeKnowledge known, NodeMemory memory, CancellationToken ct)
    {
        long at = clock.GetTimestamp();
        long? since = Earlier(known.Cutoff - OverlapSeconds, memory.Anchors is { Count: > 0 } anchors ? anchors.Min(anchor => anchor.StartTime) : null);
        NodeListing listing = await ListAsync(known.Name, since, until: null, ct);
        long? earlier = SinceIfSetBack(known, memory, listing.RemoteTime, at);
        if (earlier < since)
            listing = await ListAsync(known.Name, earlier, until: null, ct);

        var tasks = new List<RemoteTask>(listing.Tasks);
        tasks.AddRange(await AskWatchedAsync(known, listing, ct));
        (HistoryGap? gap, string? problem) = earlier is not null || !listing.IsComplete
            ? (null, listing.Problem)
            : await FindGapAsync(known, memory, listing, ct);
        if (problem is not null)
            return new NodeAnswer([.. tasks.Select(Record)], Cutoff: null, Gap: null, listing.Rejected) { Problem = problem };
        Remember(memory, listing, at, gap is not null);
        return new NodeAnswer([.. tasks.Select(Record)], Cutoff(listing, earlier is not null), gap, listing.Rejected) { ClockSetBack = earlier is not null };
    }

    /// <summary>Everything that began in a span, for repair.</summary>
    internal async Task<NodeAnswer> AskRangeAsync(string node, long since, long until, CancellationToken ct)
    {
        NodeListing listing = await ListAsync(node, since, until, ct);
        return new NodeAnswer([.. listing.Tasks.Select(Record)], Cutoff: null, Gap: null, listing.Rejected) { Problem = listing.Problem };
    }

    /// <summary>The final row of a task that no longer runs; null while the remote contradicts that.</summary>
    internal async Task<TaskRecord?> AskEndAsync(string node, RemoteUpid task, CancellationToken ct) => await EndAsync(node, task, ct) is { } end ? Record(end) : null;

    private static long? Earlier(long? a, long? b) => a is null || b is null ? a : Math.Min(a.Value, b.Value);

    /// <summary>
    /// From when on to list when the remote's clock was set back meanwhile: what began since the last look may be dated before what is known. Null: it was not.
    /// </summary>
    private long? SinceIfSetBack(NodeKnowledge known, NodeMemory memory, long? remoteTime, long at)
    {
        if (remoteTime is not { } now || known.Cutoff is not { } cutoff)
            return null;

        // Nobody knows when the last look of an earlier daemon was.
        if (memory.Clock is not { } last)
            return now < cutoff - ClockToleranceSeconds ? 0 : null;
        long passed = (long)clock.GetElapsedTime(last.At, at).TotalSeconds;
        return now < last.RemoteTime + passed - ClockToleranceSeconds ? Math.Max(0, now - passed - ClockToleranceSeconds) : null;
    }

    /// <summary>Beyond the remote's own clock nothing is known, whatever a UPID says.</summary>
    private static long? Cutoff(NodeListing listing, bool isSetBack)
    {
        if (listing.Tasks.Count == 0 && !isSetBack)
            return null;
        long now = listing.RemoteTime ?? long.MaxValue;
        return listing.Tasks.Select(task => task.StartTime).Where(start => start <= now).DefaultIfEmpty(now).Max();
    }

    /// <summary>The finished task that began last tells from where to list on; after a gap those of before are gone.</summary>
    private static void Remember(NodeMemory memory, NodeListing listing, long at, bool hasGap)
    {
        long now = listing.RemoteTime ?? long.MaxValue;
        if (hasGap)
            (memory.Anchors, memory.LastEnded) = ([], null);
        if (listing.Finished.Where(task => task.StartTime <= now).MaxBy(task => task.StartTime) is { } anchor)
            memory.Anchors = [anchor];
        if (listing.Finished.MaxBy(task => task.EndTime) is { } ended && !(ended.EndTime <= memory.LastEnded?.EndTime))
            memory.LastEnded = ended;
        if (listing.RemoteTime is { } time)
            memory.Clock = (time, at);
    }

    private Task<NodeListing> ListAsync(string node, long? since, long? until, CancellationToken ct)
    {
        var parameters = new TaskListParameters { Source = TaskSource.All, Since = since is null ? null : Math.Max(0, since.Value), Until = until };
        return NodeListing.FetchAsync(
            (start, limit) => gate.RunAsync(() => client.ListTasksAsync(node, parameters with { Start = start, Limit = limit }, ct), ct), parameters.Limit);
    }

    private TaskRecord Record(RemoteTask task) => new($"{_kind}:{client.Remote.Id}!{task.Upid}", task.StartTime, task.Status, task.EndTime);

    private async Task<IReadOnlyList<RemoteTask>> AskWatchedAsync(NodeKnowledge known, NodeListing listing, CancellationToken ct)
    {
        RemoteUpid[] unlisted = [.. known.Watched.Where(task => !listing.Contains(task.Native))];
        if (unlisted.Length == 0)
            return [];
        var active = new TaskListParameters { Source = TaskSource.Active };
        TaskListAnswer running = await gate.RunAsync(() => client.ListTasksAsync(known.Name, active, ct), ct);
        if (running.RejectedCount > 0)
            return [];
        var stillRunning = running.Tasks.Where(task => task.EndTime is null).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        RemoteTask?[] ends = await Task.WhenAll(
            unlisted.Where(task => !stillRunning.Contains(task.Native)).Select(task => EndAsync(known.Name, task, ct)));
        return [.. ends.OfType<RemoteTask>()];
    }

    private async Task<RemoteTask?> EndAsync(string node, RemoteUpid task, CancellationToken ct)
    {
        NodeListing second = await ListAsync(node, task.StartTime, task.StartTime, ct);
        if (second.Tasks.FirstOrDefault(row => row.Upid == task.Native) is { } row)
            return row.EndTime is null ? null : row;
        if (second.RejectedCount > 0)
            return null;

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
    /// A node forgets by the time of the end, oldest first: while one finished task that was known comes back, everything that ended after it does. When none
    /// does, it has forgotten more than was fetched; what that was began after the cut-off and ended before all that is left.
    /// </summary>
    private async Task<(HistoryGap? Gap, string? Problem)> FindGapAsync(NodeKnowledge known, NodeMemory memory, NodeListing listing, CancellationToken ct)
    {
        if (known.Cutoff is not { } cutoff || memory.Anchors?.Any(anchor => listing.Contains(anchor.Upid)) == true)
            return (null, null);
        if (memory.Anchors is not { Count: > 0 } && (client.Remote.Type == RemoteType.Pbs || listing.Finished.Sum(LineBytes) < IndexBytesMin))
            return (null, null);

        // What began last may have ended long before others, and be the last that was dropped.
        int rejected = listing.RejectedCount;
        if (memory.LastEnded is { } last)
        {
            NodeListing second = await ListAsync(known.Name, last.StartTime, last.StartTime, ct);
            if (second.Contains(last.Upid))
                return (null, null);
            rejected += second.RejectedCount;
        }

        // What is missed may be among what was not understood.
        if (rejected > 0)
            return (null, $"{rejected} rows of its list cannot be understood, so that nobody knows what it has forgotten.");
        RemoteTask[] finished = [.. listing.Finished];
        long to = finished.Length > 0 ? finished.Min(task => task.EndTime!.Value) : listing.RemoteTime ?? clock.GetUtcNow().ToUnixTimeSeconds();
        return (new HistoryGap(cutoff, Math.Max(cutoff, to)), null);
    }

    /// <summary>A UPID, an end time, a status and what is between them.</summary>
    private static int LineBytes(RemoteTask task) => task.Upid.Length + 11 + (task.Status?.Length ?? 0);
}
