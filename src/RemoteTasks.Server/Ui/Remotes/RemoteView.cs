using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui.Live;
using RemoteTasks.Server.Ui.Tasks;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>What is known of one remote.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Product">Which product it is.</param>
/// <param name="Url">Its own page.</param>
/// <param name="Endpoints">Where it is asked, and how its certificates are known.</param>
/// <param name="User">The token's name.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Days">Tasks of each of the last days, oldest first.</param>
public sealed record RemoteView(
    string Id, string Product, string Url, IReadOnlyList<RemoteAddress> Endpoints, string User, IReadOnlyList<RemoteNode> Nodes, IReadOnlyList<StatusCounts> Days)
{
    private const int DaysShown = 14;
    private const int DaySeconds = 86_400;

    /// <summary>Whether every node answers in full.</summary>
    public bool IsWell => Nodes.Count > 0 && Nodes.All(node => node.Problem is null && node.SeesAllTasks != false);

    /// <summary>When one of its nodes answered last; null: never since the daemon began.</summary>
    public long? LastReached => Nodes.Max(node => node.LastReached);

    internal static IReadOnlyList<RemoteView> All(FleetPoller poller, Freshness freshness, Summaries summaries, ServerOptions options)
    {
        long today = options.Clock.GetUtcNow().ToUnixTimeSeconds();
        today -= today % DaySeconds;
        IReadOnlyCollection<NodeState> states = summaries.Of("state", static reader => reader.State.Nodes);
        ILookup<string, NodeFreshness> fresh = freshness.All.ToLookup(node => node.Remote, StringComparer.Ordinal);
        return [.. poller.Remotes.OrderBy(remote => remote.Key, StringComparer.Ordinal).Select(remote =>
        {
            RemoteDefinition definition = remote.Value.Client.Remote;
            return new RemoteView(
                remote.Key,
                definition.Type == RemoteType.Pbs ? "Backup Server" : "Virtual Environment",
                WebLinks.Page(definition),
                [.. definition.Endpoints.Select(endpoint => new RemoteAddress(endpoint.ToString(), endpoint.Fingerprint))],
                definition.AuthId,
                [.. fresh[remote.Key].Select(node => RemoteNode.Of(node, states.FirstOrDefault(state => state.Remote == remote.Key && state.Node == node.Node)))],
                Daily(summaries, remote.Key, today));
        })];
    }

    private static StatusCounts[] Daily(Summaries summaries, string remote, long today)
    {
        long since = today - ((DaysShown - 1) * DaySeconds);
        TaskHistogram hours = summaries.Of($"days {remote} {since}", reader => reader.Histogram(new TaskQuery { Remote = remote, Since = since }, TaskHistogram.PartsMax));
        var days = new StatusCounts[DaysShown];
        for (int i = 0; i < hours.Parts.Count; i++)
        {
            long day = (hours.From + (i * hours.Seconds) - since) / DaySeconds;
            if (day is >= 0 and < DaysShown)
                days[day] = days[day].Plus(hours.Parts[i]);
        }

        return days;
    }
}

/// <summary>Where a remote is asked.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Fingerprint">That of the only certificate that is trusted; null: what the system trusts.</param>
public sealed record RemoteAddress(string Address, string? Fingerprint);

/// <summary>What is known of one node.</summary>
public sealed record RemoteNode(string Name, long? LastReached, long TookMs, string? Problem, bool? SeesAllTasks, long? ClockAhead, IReadOnlyList<HistoryGap> Gaps)
{
    internal static RemoteNode Of(NodeFreshness node, NodeState? state) => new(
        node.Node ?? "(all)", node.LastReached, (long)node.Took.TotalMilliseconds, node.Problem, node.SeesAllTasks, node.ClockAhead, state?.Gaps ?? []);
}
