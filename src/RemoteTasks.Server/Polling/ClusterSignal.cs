using System.Globalization;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// What a cluster tells of the tasks of its nodes, in one call: while it tells the same of a node, nothing began or ended there, and its list need not be read.
/// </summary>
internal sealed class ClusterSignal
{
    private readonly ILookup<string, ClusterTask> _nodes;

    private ClusterSignal(ILookup<string, ClusterTask> nodes) => _nodes = nodes;

    internal static ClusterSignal Of(IReadOnlyList<ClusterTask> tasks) => new(tasks.ToLookup(task => task.Node, StringComparer.Ordinal));

    /// <summary>What is told of a node; two texts are equal when nothing changed.</summary>
    internal string Of(string node) => Text(_nodes[node]);

    /// <summary>Native UPIDs of the tasks that run on a node, if not all of them.</summary>
    internal IReadOnlySet<string> Running(string node) =>
        _nodes[node].Where(task => task.EndTime is null).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// When the first of those tasks began that a node tells of and did not before; null: there is none. Of a node whose clock was set back that may be before
    /// what is known of it, and nothing else tells: the clock in an answer is that of the node which passed it on.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="before">What was told of it before; null: nothing.</param>
    /// <param name="known">Native UPIDs of what is known to run there.</param>
    internal long? NewSince(string node, string? before, IReadOnlySet<string> known) => _nodes[node]
        .Where(task => before?.Contains(task.Upid, StringComparison.Ordinal) != true && !known.Contains(task.Upid))
        .Min(task => task.StartTime);

    private static string Text(IEnumerable<ClusterTask> tasks) => string.Join('\n', tasks
        .Select(task => $"{task.Upid} {task.EndTime?.ToString(CultureInfo.InvariantCulture)}")
        .Order(StringComparer.Ordinal));
}
