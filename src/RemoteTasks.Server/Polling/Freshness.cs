using System.Collections.Concurrent;

namespace RemoteTasks.Server.Polling;

/// <summary>What a node answered last. Times are seconds since the epoch.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node; null for the remote as a whole, when it did not even name its nodes.</param>
/// <param name="LastReached">When it answered last; null: never since the daemon began.</param>
/// <param name="LastAsked">When it was asked last.</param>
/// <param name="Took">How long the last answer took.</param>
/// <param name="Problem">Why the last poll failed, with the remedy; null: it did not.</param>
internal sealed record NodeFreshness(string Remote, string? Node, long? LastReached, long LastAsked, TimeSpan Took, string? Problem);

/// <summary>
/// How fresh the list is, node by node. Kept in memory: a fetch of a quiet fleet writes nothing. What outlives the daemon (not reached
/// since when, what was forgotten) stands in the cache's state.
/// </summary>
internal sealed class Freshness
{
    private readonly ConcurrentDictionary<(string Remote, string? Node), NodeFreshness> _nodes = new();

    internal IReadOnlyList<NodeFreshness> All =>
        [.. _nodes.Values.OrderBy(node => node.Remote, StringComparer.Ordinal).ThenBy(node => node.Node, StringComparer.Ordinal)];

    internal void Reached(string remote, string? node, long at, TimeSpan took)
    {
        _nodes[(remote, node)] = new NodeFreshness(remote, node, at, at, took, Problem: null);
        if (node is not null)
            _nodes.TryRemove((remote, null), out _);
    }

    internal void Failed(string remote, string? node, long at, TimeSpan took, string problem) => _nodes.AddOrUpdate(
        (remote, node),
        _ => new NodeFreshness(remote, node, LastReached: null, at, took, problem),
        (_, known) => known with { LastAsked = at, Took = took, Problem = problem });
}
