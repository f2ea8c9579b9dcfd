namespace RemoteTasks.Server.TaskLogs;

/// <summary>How much is kept of the logs of tasks that did not end well.</summary>
public sealed record KeptLogOptions
{
    /// <summary>Logs; beyond that the oldest are dropped. 0: none is kept, nor asked for.</summary>
    public int CountMax { get; init; } = 10_000;

    /// <summary>Bytes of all files together; beyond that the oldest are dropped.</summary>
    public long BytesMax { get; init; } = 256L << 20;

    /// <summary>How long a log is kept; null: as long as there is room.</summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>Lines of one log: the last ones, since they say how it ended.</summary>
    public int LinesMax { get; init; } = 5_000;

    /// <summary>Bytes of one log before it is compressed, at most: of a longer one the last whole lines.</summary>
    public int LogBytesMax { get; init; } = 2 << 20;

    /// <summary>What ended longer ago when it is first seen is history: its log is not asked for.</summary>
    public TimeSpan Recent { get; init; } = TimeSpan.FromHours(24);

    internal bool IsOn => CountMax > 0;
}
