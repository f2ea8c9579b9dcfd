namespace RemoteTasks.Proxmox;

/// <summary>Which of its lists a node answers from.</summary>
public enum TaskSource
{
    /// <summary>Finished tasks.</summary>
    Archive,

    /// <summary>Running tasks (PVE may add some that have just finished).</summary>
    Active,

    /// <summary>Active ones first, then finished ones.</summary>
    All,
}

/// <summary>Which tasks of a node to list. Times are seconds since the epoch. Filters left null or empty let everything through.</summary>
public sealed record TaskListParameters
{
    /// <summary>PBS knows no source: <c>Active</c> asks for running tasks, <c>Archive</c> drops running rows after they came.</summary>
    public TaskSource Source { get; init; } = TaskSource.All;

    /// <summary>Only tasks that started then or later. The list is ordered by <em>end</em>, so a late end may bring an early start.</summary>
    public long? Since { get; init; }

    /// <summary>Only tasks that started then or earlier.</summary>
    public long? Until { get; init; }

    /// <summary>How many matching rows to leave out: an offset into a list that moves as tasks start and end.</summary>
    public int Start { get; init; }

    /// <summary>At most so many rows, at least 1 (0 means "none" to PVE and "all" to PBS, so it is refused).</summary>
    public int Limit { get; init; } = 5000;

    /// <summary>Worker type: equal to it on PVE, containing it on PBS.</summary>
    public string? TypeFilter { get; init; }

    /// <summary>Part of the user: any case on PVE (where finished rows have lost the token part), exact case on PBS.</summary>
    public string? UserFilter { get; init; }

    /// <summary>Guest, 100 or more; PVE only.</summary>
    public int? VmId { get; init; }

    /// <summary>Any of <c>ok</c>, <c>warning</c>, <c>error</c>, <c>unknown</c>; PVE ignores it when <see cref="Errors"/> is set.</summary>
    public IReadOnlyList<string> StatusFilter { get; init; } = [];

    /// <summary>Leave out what ended with OK. Not "failed only": warnings and running tasks come too.</summary>
    public bool Errors { get; init; }
}
