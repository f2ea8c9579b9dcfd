using System.Collections.Immutable;

namespace RemoteTasks.Server.Polling;

/// <summary>Nodes that answer, but show the token its own tasks only. Immutable; another version says something else.</summary>
internal sealed class HiddenNodes
{
    internal static readonly HiddenNodes None = new([], 0);

    private readonly ImmutableHashSet<(string Remote, string Node)> _nodes;

    private HiddenNodes(ImmutableHashSet<(string Remote, string Node)> nodes, long version) => (_nodes, Version) = (nodes, version);

    /// <summary>Grows with every change; 0 is what a daemon begins with.</summary>
    internal long Version { get; }

    internal IReadOnlyCollection<(string Remote, string Node)> All => _nodes;

    internal bool Contains(string remote, string node) => _nodes.Contains((remote, node));

    /// <summary>The same nodes with or without one; this when that is no change.</summary>
    internal HiddenNodes With(string remote, string node, bool isHidden)
    {
        ImmutableHashSet<(string, string)> nodes = isHidden ? _nodes.Add((remote, node)) : _nodes.Remove((remote, node));
        return nodes == _nodes ? this : new HiddenNodes(nodes, Version + 1);
    }
}
