namespace RemoteTasks.Cache;

/// <summary>A part of a list.</summary>
/// <param name="Rows">The tasks, newest start first.</param>
/// <param name="Total">How many match in all, whatever part is shown.</param>
/// <param name="Next">The value of <see cref="TaskQuery.After"/> that continues the list; null when it ends here.</param>
/// <param name="Unknown">What the list cannot speak for.</param>
public sealed record TaskPage(IReadOnlyList<TaskRow> Rows, long Total, string? Next, IReadOnlyList<UnknownSpan> Unknown);

/// <summary>Tasks that a list may lack: of one node or (null) all of them, from one start time to another (null: until now).</summary>
public sealed record UnknownSpan(UnknownReason Reason, string? Remote, string? Node, long From, long? To);

/// <summary>Why tasks may be lacking.</summary>
public enum UnknownReason
{
    /// <summary>The node does not answer.</summary>
    NotReached,

    /// <summary>The node had forgotten them before they were fetched.</summary>
    Forgotten,

    /// <summary>A part of a file cannot be read, and has not been fetched again.</summary>
    Damaged,
}

/// <summary>How many tasks of each status.</summary>
public readonly record struct StatusCounts(long Ok, long Warning, long Error, long Unknown, long Running)
{
    /// <summary>All of them.</summary>
    public long Total => Ok + Warning + Error + Unknown + Running;

    /// <summary>From one number for each class, by <see cref="StatusClass"/>.</summary>
    internal static StatusCounts Of(ReadOnlySpan<long> byClass) => new(
        byClass[(int)StatusClass.Ok],
        byClass[(int)StatusClass.Warning],
        byClass[(int)StatusClass.Error],
        byClass[(int)StatusClass.Unknown],
        byClass[(int)StatusClass.Running]);

    /// <summary>Both together.</summary>
    public StatusCounts Plus(in StatusCounts other) =>
        new(Ok + other.Ok, Warning + other.Warning, Error + other.Error, Unknown + other.Unknown, Running + other.Running);
}

/// <summary>Counts of everything that matches a query.</summary>
/// <param name="All">Over all.</param>
/// <param name="ByType">By worker type.</param>
/// <param name="ByRemote">By remote.</param>
/// <param name="ByNode">By remote and node.</param>
/// <param name="Unknown">What the counts cannot speak for.</param>
public sealed record TaskStatistics(
    StatusCounts All,
    IReadOnlyDictionary<string, StatusCounts> ByType,
    IReadOnlyDictionary<string, StatusCounts> ByRemote,
    IReadOnlyDictionary<(string Remote, string Node), StatusCounts> ByNode,
    IReadOnlyList<UnknownSpan> Unknown);
