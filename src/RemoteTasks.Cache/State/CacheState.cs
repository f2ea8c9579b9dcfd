using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache;

/// <summary>What the cache remembers of the remotes it is filled from. Times are seconds since the epoch.</summary>
public sealed class CacheState
{
    private readonly Dictionary<(string Remote, string Node), NodeState> _nodes;

    internal CacheState(StateDocument document)
    {
        _nodes = document.RemoteState
            .SelectMany(remote => remote.Value.NodeState.Select(node => NodeState.Of(remote.Key, node.Key, node.Value)))
            .ToDictionary(node => (node.Remote, node.Node));
        Renamed = (document.Renaming ?? document.Renamed) is { } rename ? new RemoteRename(rename.From, rename.To) : null;
        TrackedTasks = [.. document.TrackedTasks];
        Repairs = [.. (document.Repairs ?? []).Select(repair =>
            new Repair(new Damage(repair.File, repair.From, repair.To, 0, repair.Problem), repair.Settled))];
    }

    /// <summary>Every node that has been polled, in no order.</summary>
    public IReadOnlyCollection<NodeState> Nodes => _nodes.Values;

    /// <summary>Tasks that a caller started and asked to follow until they end.</summary>
    public IReadOnlyList<string> TrackedTasks { get; }

    /// <summary>Damage that was found, settled or not.</summary>
    public IReadOnlyList<Repair> Repairs { get; }

    /// <summary>A renaming of which whoever names the remotes may not know yet: see <see cref="CacheWriter.SettleRename"/>.</summary>
    public RemoteRename? Renamed { get; }

    /// <summary>What is remembered of a node; null when it was never polled. A Backup Server's node is <c>localhost</c>.</summary>
    public NodeState? Find(string remote, string node) => _nodes.GetValueOrDefault((remote, node));
}

/// <summary>What is remembered of one node.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node's name; <c>localhost</c> for a Backup Server.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known; null before the first answer.</param>
/// <param name="NotReachedSince">When it stopped answering; null while it answers.</param>
/// <param name="Gaps">Spans that the node forgot before they were fetched.</param>
public sealed record NodeState(string Remote, string Node, long? Cutoff, long? NotReachedSince, IReadOnlyList<HistoryGap> Gaps)
{
    internal static NodeState Of(string remote, string node, NodeStateDocument document) => new(
        remote,
        node,
        document.Cutoff == 0 ? null : document.Cutoff,
        document.NotReachedSince,
        [.. (document.Gaps ?? []).Select(gap => new HistoryGap(gap.From, gap.To))]);
}

/// <summary>A span of start times, ends included, in which tasks are missing: seconds since the epoch.</summary>
public sealed record HistoryGap(long From, long To);

/// <summary>Damage that was reported, and when what it touched had been fetched again (null: not yet).</summary>
public sealed record Repair(Damage Damage, long? Settled);

/// <summary>A remote that got another id.</summary>
public sealed record RemoteRename(string From, string To)
{
    /// <summary>Whether a list of remotes does not know of it: polled under its old name, the remote would have its history twice.</summary>
    public bool IsUnknownTo(IReadOnlyCollection<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Contains(From, StringComparer.Ordinal) && !ids.Contains(To, StringComparer.Ordinal);
    }
}
