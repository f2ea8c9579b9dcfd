namespace RemoteTasks.Server.Polling;

/// <summary>How often things are done.</summary>
public sealed record PollIntervals
{
    /// <summary>Every remote is asked for new tasks.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Nodes with running tasks are asked how these go on.</summary>
    public TimeSpan Running { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A node is listed at least this often, also when its cluster tells of no change on it.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What fails again and again is tried at least this often.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>It is asked anew what a token may see.</summary>
    public TimeSpan Rights { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>It is looked whether the file with the remotes has changed.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The journal is merged into the archives.</summary>
    public TimeSpan Apply { get; init; } = TimeSpan.FromHours(1);

    /// <summary>It is looked whether a new archive is due.</summary>
    public TimeSpan Rotate { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>It is looked whether damage asks for tasks to be fetched again.</summary>
    public TimeSpan Repair { get; init; } = TimeSpan.FromMinutes(1);
}
