namespace RemoteTasks.Proxmox;

/// <summary>One row of a task list. Node, type, worker id and user are in the UPID.</summary>
/// <param name="Upid">The native UPID, exactly as sent; never rebuilt from its parts.</param>
/// <param name="StartTime">Seconds since the epoch; from the UPID when the row has none.</param>
/// <param name="EndTime">Seconds since the epoch; null while the task runs. PVE writes down when it noticed the end.</param>
/// <param name="Status">
/// As sent: <c>OK</c>, <c>WARNINGS: n</c>, <c>unexpected status</c> or any text, cut at 16,384 characters; null when absent.
/// A running row of PVE says <c>RUNNING</c>: go by <see cref="EndTime"/>. Not cleaned of control characters.
/// </param>
public sealed record RemoteTask(string Upid, long StartTime, long? EndTime, string? Status);

/// <summary>A node of a remote.</summary>
/// <param name="Name">Short host name on PVE, <c>localhost</c> on PBS.</param>
/// <param name="Online">Whether the remote says so; only such a node answers questions about tasks.</param>
public sealed record RemoteNode(string Name, bool Online);
