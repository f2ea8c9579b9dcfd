namespace RemoteTasks.Proxmox;

/// <summary>One page of a node's task list.</summary>
public sealed record TaskListAnswer
{
    /// <summary>The rows understood, in the order of the answer, each UPID once: a finished row wins over a running one.</summary>
    public required IReadOnlyList<RemoteTask> Tasks { get; init; }

    /// <summary>PVE: how many rows match on all pages. Null when not told; always null for PBS, which makes the number up page by page.</summary>
    public long? Total { get; init; }

    /// <summary>The remote's own clock when it answered, seconds since the epoch; null when not told.</summary>
    public long? RemoteTime { get; init; }

    /// <summary>Why rows could not be understood, a cleaned and shortened reason each; at most the first 100.</summary>
    public IReadOnlyList<string> Rejected { get; init; } = [];

    /// <summary>How many rows could not be understood, also beyond the reasons kept.</summary>
    public int RejectedCount { get; init; }

    /// <summary>All rows of the answer, also rejected, doubled and dropped ones: advance <see cref="TaskListParameters.Start"/> by this.</summary>
    public required int RowCount { get; init; }
}
