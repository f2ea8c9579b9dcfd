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

    private static string Text(IEnumerable<ClusterTask> tasks) => string.Join('\n', tasks
        .Select(task => $"{task.Upid} {task.EndTime?.ToString(CultureInfo.InvariantCulture)}")
        .Order(StringComparer.Ordinal));
}
