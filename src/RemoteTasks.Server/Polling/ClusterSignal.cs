using System.Globalization;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// What a cluster tells of the tasks of its nodes, in one call: while it tells the same of a node, nothing began or ended there, and its list need not be read.
/// </summary>
internal sealed class ClusterSignal
{
    private readonly Dictionary<string, string> _nodes;

    private ClusterSignal(Dictionary<string, string> nodes) => _nodes = nodes;

    internal static ClusterSignal Of(IReadOnlyList<ClusterTask> tasks) => new(tasks
        .GroupBy(task => task.Node, StringComparer.Ordinal)
        .ToDictionary(node => node.Key, Text, StringComparer.Ordinal));

    /// <summary>What is told of a node; two texts are equal when nothing changed.</summary>
    internal string Of(string node) => _nodes.GetValueOrDefault(node, "");

    private static string Text(IEnumerable<ClusterTask> tasks) => string.Join('\n', tasks
        .Select(task => $"{task.Upid} {task.EndTime?.ToString(CultureInfo.InvariantCulture)}")
        .Order(StringComparer.Ordinal));
}
