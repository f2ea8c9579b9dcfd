using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What is known of a node before it is asked.</summary>
/// <param name="Name">The node's name in URLs.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known; null: nothing yet.</param>
/// <param name="Watched">Tasks that ran when it was asked last.</param>
internal sealed record NodeKnowledge(string Name, long? Cutoff, IReadOnlyList<RemoteUpid> Watched)
{
    /// <summary>Since when it does not answer; null: it does.</summary>
    internal long? NotReachedSince { get; init; }

    /// <summary>How many of the watched tasks somebody asked to follow.</summary>
    internal int Tracked { get; init; }

    /// <summary>Polls that failed since the last that did not.</summary>
    internal int Failures { get; init; }

    /// <summary>When the first task began that its cluster tells of and did not before, by the node's own clock; null: not known.</summary>
    internal long? NewSince { get; init; }

    /// <summary>Native UPIDs of tasks of which its cluster has just said that they run.</summary>
    internal IReadOnlySet<string> Running { get; init; } = new HashSet<string>();
}

/// <summary>What a node answered.</summary>
/// <param name="Tasks">As the cache takes them.</param>
/// <param name="Rejected">Why rows were left out, a reason each.</param>
internal sealed record NodeAnswer(IReadOnlyList<TaskRecord> Tasks, IReadOnlyList<string> Rejected)
{
    /// <summary>Start time of the newest task up to which everything is known now; null: that did not change.</summary>
    internal long? Cutoff { get; init; }

    /// <summary>True when the node's clock was set back, so that the cut-off falls.</summary>
    internal bool ClockSetBack { get; init; }

    /// <summary>What was forgotten before it was fetched.</summary>
    internal HistoryGap? Gap { get; init; }

    /// <summary>Why it is not known what is missing; null: nothing is.</summary>
    internal string? Problem { get; init; }

    /// <summary>Where the next poll goes on, once this is stored; null: where this one did.</summary>
    internal NodeMark? Mark { get; init; }
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

    /// <summary>The same when the daemon has not asked this node before: its clock may have been set right while the daemon was away.</summary>
    private const long FirstOverlapSeconds = 24 * 3600;

    /// <summary>Seconds by which a remote's clock may seem to go back: dates have whole seconds.</summary>
    private const long ClockToleranceSeconds = 5;

    // Below this a node of a cluster has never dropped a file.
    private const int IndexBytesMin = 50_000;

    // So often an answer may be garbled; rows that are still not understood then never will be.
    private const int FailuresMax = 3;

    private readonly string _kind = client.Remote.Type.Word();

    /// <summary>Asks a node that was left as <paramref name="mark"/> says.</summary>
    internal async Task<NodeAnswer> AskAsync(NodeKnowledge known, NodeMark mark, CancellationToken ct)
    {
        long? since = known.Cutoff - (mark.Clock is null ? FirstOverlapSeconds : OverlapSeconds);
        if (since is not null && mark.Anchors.Count > 0)
            since = Math.Min(since.Value, mark.Anchors.Min(anchor => anchor.StartTime));

        // Its clock may have been set back: a cluster tells of the newest only, and others may have begun since the last look.
        if (known.NewSince < since)
            since = known.NewSince - (mark.Clock is { } last ? (long)clock.GetElapsedTime(last.SentAt).TotalSeconds + OverlapSeconds : FirstOverlapSeconds);
        NodeListing listing = await ListAsync(known.Name, since, until: null, ct);
        long? setBack = SinceIfSetBack(known, mark, listing.Clock);
        if (setBack < since)
            listing = await ListAsync(known.Name, setBack, until: null, ct);

        WatchedEnd[] ends = await AskWatchedAsync(known, listing, ct);
        var answer = new NodeAnswer([.. listing.Tasks.Concat(ends.Select(end => end.Task)).Select(Record)], listing.Rejected);
        if (listing.Problem is not null)
            return answer with { Problem = listing.Problem };
        (HistoryGap? gap, string? problem) = await FindGapAsync(known, mark, listing, setBack, ct);
        if (problem is not null)
            return answer with { Problem = problem };
        return answer with
        {
            Cutoff = Cutoff(known, listing, setBack is not null),
            ClockSetBack = setBack is not null,
            Gap = gap,
            Mark = Next(gap is null ? mark : mark with { Anchors = [], LastEnded = null }, listing, ends),
        };
    }

    /// <summary>Everything that began in a span, for repair.</summary>
    internal async Task<NodeAnswer> AskRangeAsync(string node, long since, long until, CancellationToken ct)
    {
        NodeListing listing = await ListAsync(node, since, until, ct);
        return new NodeAnswer([.. listing.Tasks.Select(Record)], listing.Rejected) { Problem = listing.Problem };
    }

    /// <summary>The final row of a task that no longer runs; null while the remote contradicts that.</summary>
    internal async Task<TaskRecord?> AskEndAsync(string node, RemoteUpid task, CancellationToken ct) => await EndAsync(node, task, ct) is { } end ? Record(end.Task) : null;

    /// <summary>
    /// From when on to list when the remote's clock was set back meanwhile: what began since the last look may be dated before what is known. Null: it was not.
    /// </summary>
    private long? SinceIfSetBack(NodeKnowledge known, NodeMark mark, RemoteClock? now)
    {
        if (now is null || known.Cutoff is not { } cutoff)
            return null;

        // Nobody knows when the last look of an earlier daemon was.
        if (mark.Clock is not { } last)
            return now.Seconds < cutoff - ClockToleranceSeconds ? 0 : null;

        // When within a call the remote looked at its clock is not known either: a slow answer is no clock that was set back.
        long passedMin = (long)clock.GetElapsedTime(last.AnsweredAt, now.SentAt).TotalSeconds;
        long passedMax = (long)clock.GetElapsedTime(last.SentAt, now.AnsweredAt).TotalSeconds;
        return now.Seconds < last.Seconds + passedMin - ClockToleranceSeconds ? Math.Max(0, now.Seconds - passedMax - ClockToleranceSeconds) : null;
    }

    /// <summary>Beyond the remote's own clock nothing is known, whatever a UPID says. Of a node without any task, everything is known up to now.</summary>
    private long? Cutoff(NodeKnowledge known, NodeListing listing, bool isSetBack)
    {
        if (listing.Tasks.Count == 0 && known.Cutoff is not null && !isSetBack)
            return null;
        long now = Now(listing);
        return listing.Tasks.Select(task => task.StartTime).Where(start => start <= now).DefaultIfEmpty(now).Max();
    }

    /// <summary>The finished task that began last tells from where to list on.</summary>
    private NodeMark Next(NodeMark mark, NodeListing listing, WatchedEnd[] ends)
    {
        long now = Now(listing);
        RemoteTask? anchor = listing.Finished.Where(task => task.StartTime <= now).MaxBy(task => task.StartTime);

        // Of those that ended in the same second the node has written the first of its list last, and forgets it last.
        RemoteTask? ended = listing.Finished.Concat(ends.Where(end => end.IsListed).Select(end => end.Task)).MaxBy(task => task.EndTime);
        return new NodeMark(
            anchor is null ? mark.Anchors : [anchor],
            ended is null || ended.EndTime < mark.LastEnded?.EndTime ? mark.LastEnded : ended,
            listing.Clock ?? mark.Clock);
    }

    private long Now(NodeListing listing) => listing.Clock?.Seconds ?? clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task<NodeListing> ListAsync(string node, long? since, long? until, CancellationToken ct)
    {
        var parameters = new TaskListParameters { Source = TaskSource.All, Since = since is null ? null : Math.Max(0, since.Value), Until = until };
        RemoteClock? first = null;
        NodeListing listing = await NodeListing.FetchAsync((start, limit) => gate.RunAsync(() => PageAsync(start, limit), ct), parameters.Limit);
        listing.Clock = first;
        return listing;

        async Task<TaskListAnswer> PageAsync(int start, int limit)
        {
            long sent = clock.GetTimestamp();
            TaskListAnswer page = await client.ListTasksAsync(node, parameters with { Start = start, Limit = limit }, ct);
            if (page.RemoteTime is { } seconds)
                first ??= new RemoteClock(seconds, sent, clock.GetTimestamp());
            return page;
        }
    }

    private TaskRecord Record(RemoteTask task) => new($"{_kind}:{client.Remote.Id}!{task.Upid}", task.StartTime, task.Status, task.EndTime);

    private async Task<WatchedEnd[]> AskWatchedAsync(NodeKnowledge known, NodeListing listing, CancellationToken ct)
    {
        RemoteUpid[] unlisted = [.. known.Watched.Where(task => !listing.Contains(task.Native) && !known.Running.Contains(task.Native))];
        if (unlisted.Length == 0)
            return [];
        var active = new TaskListParameters { Source = TaskSource.Active };
        TaskListAnswer running = await gate.RunAsync(() => client.ListTasksAsync(known.Name, active, ct), ct);
        var stillRunning = running.Tasks.Where(task => task.EndTime is null).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        WatchedEnd?[] ends = await Task.WhenAll(
            unlisted.Where(task => !stillRunning.Contains(task.Native)).Select(task => EndAsync(known.Name, task, ct)));
        return [.. ends.OfType<WatchedEnd>()];
    }

    private async Task<WatchedEnd?> EndAsync(string node, RemoteUpid task, CancellationToken ct)
    {
        NodeListing second = await ListAsync(node, task.StartTime, task.StartTime, ct);
        if (second.Tasks.FirstOrDefault(row => row.Upid == task.Native) is { } row)
            return row.EndTime is null ? null : new WatchedEnd(row, IsListed: true);

        // Its row may be one that was not understood.
        if (second.RejectedCount > 0)
            return null;

        // The node's list has forgotten it, or never had it: its log may still say how it ended, though not when.
        long noticed = Now(second);
        try
        {
            TaskStatusAnswer status = await gate.RunAsync(() => client.GetTaskStatusAsync(node, task.Native, ct), ct);
            return status.Running ? null : new WatchedEnd(new RemoteTask(task.Native, task.StartTime, noticed, status.ExitStatus ?? "unknown"), IsListed: false);
        }
        catch (ProxmoxException error) when (error.Kind is ProxmoxErrorKind.NotFound)
        {
            return new WatchedEnd(new RemoteTask(task.Native, task.StartTime, noticed, "unknown"), IsListed: false);
        }
    }

    /// <summary>
    /// A node forgets by the time of the end, oldest first: while one finished task that was known comes back, everything that ended after it does. When none
    /// does, it has forgotten more than was fetched; what that was began after the cut-off and ended before all that is left.
    /// </summary>
    private async Task<(HistoryGap? Gap, string? Problem)> FindGapAsync(NodeKnowledge known, NodeMark mark, NodeListing listing, long? setBack, CancellationToken ct)
    {
        if (mark.Anchors.Any(anchor => listing.Contains(anchor.Upid)))
            return (null, null);

        // Of a node that never answered so far, what it forgot since it was asked first was never fetched either.
        if ((known.Cutoff ?? known.NotReachedSince) is not { } cutoff)
            return (null, null);
        if (mark.Anchors.Count == 0 && (client.Remote.Type == RemoteType.Pbs || listing.Finished.Sum(LineBytes) < IndexBytesMin))
            return (null, null);
        if (known.Cutoff is null && listing.Finished.Min(task => task.EndTime) <= cutoff)
            return (null, null);

        // What began last may have ended long before others, and be the last that was dropped.
        int rejected = listing.RejectedCount;
        if (mark.LastEnded is { } last)
        {
            NodeListing second = await ListAsync(known.Name, last.StartTime, last.StartTime, ct);
            if (second.Contains(last.Upid))
                return (null, null);
            rejected += second.RejectedCount;
        }

        // What is missed may be among what was not understood, this time; not for ever.
        if (rejected > 0 && known.Failures < FailuresMax)
            return (null, $"{rejected} rows of its list cannot be understood, so that nobody knows what it has forgotten.");
        long from = Math.Min(cutoff, setBack ?? cutoff);
        long to = listing.Finished.Any() ? listing.Finished.Min(task => task.EndTime!.Value) : Now(listing);
        return (new HistoryGap(from, Math.Max(cutoff, to)), null);
    }

    /// <summary>A UPID, an end time, a status and what is between them.</summary>
    private static int LineBytes(RemoteTask task) => task.Upid.Length + 11 + (task.Status?.Length ?? 0);

    /// <summary>How a watched task ended, and whether the node's list still has it.</summary>
    private sealed record WatchedEnd(RemoteTask Task, bool IsListed);
}
