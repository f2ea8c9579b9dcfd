using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>A remote's clock, as an answer told it.</summary>
/// <param name="Seconds">Since the epoch.</param>
/// <param name="SentAt">When the question was sent; a time stamp of the daemon's clock.</param>
/// <param name="AnsweredAt">When the answer had come.</param>
internal sealed record RemoteClock(long Seconds, long SentAt, long AnsweredAt);

/// <summary>How a node was left when it was listed last: the next poll goes on from there.</summary>
/// <param name="Anchors">Finished tasks from which on the node is listed: those that began last, of which one at least must come back.</param>
/// <param name="LastEnded">The task that ended last; null: not known.</param>
/// <param name="Clock">The node's clock; null: not known.</param>
internal sealed record NodeMark(IReadOnlyList<RemoteTask> Anchors, RemoteTask? LastEnded = null, RemoteClock? Clock = null);
