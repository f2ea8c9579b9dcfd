namespace RemoteTasks.Proxmox;

/// <summary>A piece of a task's log.</summary>
/// <param name="Lines">In order. PVE sends one line "no content" for an empty log, and one "unable to open file - …" for a log that is gone.</param>
/// <param name="Total">Lines of the whole log so far.</param>
public sealed record TaskLogAnswer(IReadOnlyList<TaskLogLine> Lines, long Total);

/// <summary>A line of a log.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Text">As sent, not cleaned of control characters; PBS begins it with the time.</param>
public sealed record TaskLogLine(long Number, string Text);
