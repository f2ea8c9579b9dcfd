namespace RemoteTasks.Server.Polling;

/// <summary>How often things are done.</summary>
public sealed record PollIntervals
{
    /// <summary>Every remote is asked for new tasks.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Nodes with running tasks are asked how these go on.</summary>
    public TimeSpan Running { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The journal is merged into the archives.</summary>
    public TimeSpan Apply { get; init; } = TimeSpan.FromHours(1);

    /// <summary>It is looked whether a new archive is due.</summary>
    public TimeSpan Rotate { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>It is looked whether damage asks for tasks to be fetched again.</summary>
    public TimeSpan Repair { get; init; } = TimeSpan.FromMinutes(1);
}
