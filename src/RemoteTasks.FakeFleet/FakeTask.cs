namespace RemoteTasks.FakeFleet;

/// <summary>The truth about one task, whatever an answer makes of it.</summary>
/// <param name="Remote">Id of the remote.</param>
/// <param name="RemoteType"><c>pve</c> or <c>pbs</c>.</param>
/// <param name="Node">The node as a list row names it: always <c>localhost</c> on PBS.</param>
/// <param name="Upid">The UPID as the remote writes it.</param>
/// <param name="StartTime">Seconds since 1970.</param>
/// <param name="EndTime">Seconds since 1970; null while running.</param>
/// <param name="Status">Status text; null while running.</param>
public sealed record FakeTask(string Remote, string RemoteType, string Node, string Upid, long StartTime, long? EndTime, string? Status);
