namespace RemoteTasks.Proxmox;

/// <summary>The state of one task. There is no end time in it: list the task to learn that.</summary>
/// <param name="Upid">The native UPID.</param>
/// <param name="Running">Whether the remote says that it runs.</param>
/// <param name="ExitStatus">How it ended, as sent (<c>OK</c>, <c>WARNINGS: n</c>, an error text); null while it runs or when not told.</param>
/// <param name="Node">The real host name, also on PBS.</param>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Seconds since the epoch.</param>
/// <param name="Type">Worker type.</param>
/// <param name="Id">Worker id as sent; may be empty.</param>
/// <param name="User"><c>user@realm</c>, without the token.</param>
/// <param name="TokenId">Name of the token that started it, null when none.</param>
public sealed record TaskStatusAnswer(
    string Upid, bool Running, string? ExitStatus, string? Node, long? Pid, long StartTime, string? Type, string? Id, string? User, string? TokenId);
