using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>How well a remote or a node answers.</summary>
public enum Health
{
    /// <summary>It does not.</summary>
    Lost,

    /// <summary>Not all of it does, or not with everything.</summary>
    Partly,

    /// <summary>It was not asked yet.</summary>
    NotAsked,

    /// <summary>It does.</summary>
    Good,
}

/// <summary>A remote as it is shown. Times are seconds since the epoch.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type"><c>pve</c> or <c>pbs</c>.</param>
/// <param name="Problem">Why it does not answer at all, with the remedy.</param>
/// <param name="Nodes">Its nodes, by name.</param>
/// <param name="Endpoints">Where it is asked.</param>
/// <param name="Token">The name of the token that it is asked with.</param>
/// <param name="WebUrl">Its own page, for browsers.</param>
/// <param name="Days">Tasks that began on each of the last days, today's so far at the end.</param>
/// <param name="PerDay">Tasks that began in the last 24 hours.</param>
/// <param name="Running">Tasks that run now.</param>
public sealed record RemoteView(
    string Id,
    string Type,
    string? Problem,
    IReadOnlyList<NodeView> Nodes,
    IReadOnlyList<EndpointView> Endpoints,
    string Token,
    string WebUrl,
    IReadOnlyList<DayView> Days,
    long PerDay,
    long Running)
{
    /// <summary>How well it answers.</summary>
    public Health Health =>
        Problem is not null || (Nodes.Count > 0 && Nodes.All(node => node.Health == Health.Lost)) ? Health.Lost
        : Nodes.Count == 0 || Nodes.All(node => node.Health == Health.NotAsked) ? Health.NotAsked
        : Nodes.Any(node => node.Health is Health.Lost or Health.Partly) ? Health.Partly
        : Health.Good;

    /// <summary>When some node of it answered last; null: never since the daemon began.</summary>
    public long? LastReached => Nodes.Max(node => node.LastReached);

    /// <summary>Problems of its nodes, each once, with the nodes that have it; none when the whole remote has one.</summary>
    public IEnumerable<IGrouping<string, string>> NodeProblems => Problem is not null
        ? []
        : Nodes.Where(node => node.Problem is not null).GroupBy(node => node.Problem!, node => node.Name, StringComparer.Ordinal);
}

/// <summary>A node as it is shown.</summary>
/// <param name="Name">As its remote names it.</param>
/// <param name="LastReached">When it answered last.</param>
/// <param name="Took">How long the last answer took.</param>
/// <param name="Problem">Why it did not answer in full, with the remedy.</param>
/// <param name="SeesAllTasks">Whether the token sees all tasks there; null: not known.</param>
/// <param name="ClockAhead">Seconds by which its clock is ahead of the daemon's.</param>
/// <param name="NotReachedSince">When it stopped giving full answers.</param>
/// <param name="Gaps">What it had forgotten before it was fetched.</param>
/// <param name="PerDay">Tasks that began in the last 24 hours.</param>
/// <param name="Running">Tasks that run now.</param>
public sealed record NodeView(
    string Name,
    long? LastReached,
    TimeSpan? Took,
    string? Problem,
    bool? SeesAllTasks,
    long? ClockAhead,
    long? NotReachedSince,
    IReadOnlyList<HistoryGap> Gaps,
    long PerDay,
    long Running)
{
    /// <summary>How well it answers.</summary>
    public Health Health =>
        Problem is not null ? SeesAllTasks == false ? Health.Partly : Health.Lost
        : LastReached is null ? Health.NotAsked
        : Health.Good;
}

/// <summary>Where a remote is asked, and how it is known to be it.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Fingerprint">Of the only certificate that is accepted; null: the certificate must be one that the system trusts.</param>
public sealed record EndpointView(string Address, string? Fingerprint);

/// <summary>A day of a remote.</summary>
/// <param name="From">When it began.</param>
/// <param name="Tasks">Tasks that began on it.</param>
/// <param name="Failed">Those of them that failed.</param>
public sealed record DayView(long From, long Tasks, long Failed);
