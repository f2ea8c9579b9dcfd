namespace RemoteTasks.Proxmox;

/// <summary>
/// A task that a node of a cluster told the others of: it does so whenever one begins or ends, of the newest 25 or so. A sign that something changed,
/// never a history.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Upid">Native UPID.</param>
/// <param name="StartTime">Seconds since the epoch, by the node's own clock; null: its UPID does not say.</param>
/// <param name="EndTime">Seconds since the epoch; null while it runs.</param>
public sealed record ClusterTask(string Node, string Upid, long? StartTime, long? EndTime);
