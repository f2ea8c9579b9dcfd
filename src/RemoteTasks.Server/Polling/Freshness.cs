using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace RemoteTasks.Server.Polling;

/// <summary>What a node answered last. Times are seconds since the epoch.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node; null for the remote as a whole, when it did not even name its nodes.</param>
/// <param name="LastReached">When it answered last; null: never since the daemon began.</param>
/// <param name="LastAsked">When it was asked last.</param>
/// <param name="Took">How long the last answer took.</param>
/// <param name="Problem">Why the last poll failed, with the remedy; null: it did not.</param>
internal sealed record NodeFreshness(string Remote, string? Node, long? LastReached, long LastAsked, TimeSpan Took, string? Problem)
{
    /// <summary>Whether the token sees all tasks there, or only its own; null: not known.</summary>
    internal bool? SeesAllTasks { get; init; }

    /// <summary>Seconds by which the node's clock is ahead of this machine's; null: it did not say.</summary>
    internal long? ClockAhead { get; init; }

    /// <summary>Tasks that began there in an hour, of late; null: not known.</summary>
    internal double? TasksPerHour { get; init; }
}

/// <summary>
/// How fresh the list is, node by node. Kept in memory: a fetch of a quiet fleet writes nothing. What outlives the daemon (not reached
/// since when, what was forgotten) stands in the cache's state.
/// </summary>
internal sealed class Freshness
{
    private readonly ConcurrentDictionary<(string Remote, string? Node), NodeFreshness> _nodes = new();
    private HiddenNodes _hidden = HiddenNodes.None;

    /// <summary>Nodes of which the token sees its own tasks only.</summary>
    internal HiddenNodes Hiding => Volatile.Read(ref _hidden);

    internal IReadOnlyList<NodeFreshness> All =>
        [.. _nodes.Values.OrderBy(node => node.Remote, StringComparer.Ordinal).ThenBy(node => node.Node, StringComparer.Ordinal)];

    internal void Reached(string remote, string node, long at, TimeSpan took, bool? seesAllTasks, long? clockAhead, double tasksPerHour)
    {
        _nodes[(remote, node)] = new NodeFreshness(remote, node, at, at, took, Problem: null)
        {
            SeesAllTasks = seesAllTasks,
            ClockAhead = clockAhead,
            TasksPerHour = tasksPerHour,
        };
        Hide(remote, node, isHidden: false);
        _nodes.TryRemove((remote, null), out _);
    }

    /// <summary>It was not asked itself, but its cluster says that nothing changed on it.</summary>
    internal void Unchanged(string remote, string node, long at, TimeSpan took)
    {
        if (_nodes.TryGetValue((remote, node), out NodeFreshness? known))
            _nodes[(remote, node)] = known with { LastReached = at, LastAsked = at, Took = took, Problem = null };
    }

    internal void Failed(string remote, string? node, long at, TimeSpan took, string problem) => _nodes.AddOrUpdate(
        (remote, node),
        _ => new NodeFreshness(remote, node, LastReached: null, at, took, problem),
        (_, known) => known with { LastAsked = at, Took = took, Problem = problem });

    /// <summary>It answers, but with the token's own tasks only.</summary>
    internal void Hidden(string remote, string node, long at, TimeSpan took, string problem)
    {
        Failed(remote, node, at, took, problem);
        _nodes[(remote, node)] = _nodes[(remote, node)] with { SeesAllTasks = false };
        Hide(remote, node, isHidden: true);
    }

    /// <summary>Forgets what is no longer polled.</summary>
    internal void Forget(string remote, Func<string?, bool> isGone)
    {
        foreach ((string Remote, string? Node) key in _nodes.Keys.Where(key => key.Remote == remote && isGone(key.Node)))
        {
            _nodes.TryRemove(key, out _);
            if (key.Node is { } node)
                Hide(remote, node, isHidden: false);
        }
    }

    private void Hide(string remote, string node, bool isHidden) =>
        ImmutableInterlocked.Update(ref _hidden, static (hidden, change) => hidden.With(change.Remote, change.Node, change.IsHidden), (Remote: remote, Node: node, IsHidden: isHidden));
}
