namespace RemoteTasks.Cache;

/// <summary>
/// Which tasks, and which part of them. A filter that is null lets everything pass; several filters must all pass.
/// Text is compared byte by byte, upper and lower case apart, unless said otherwise.
/// </summary>
public sealed record TaskQuery
{
    /// <summary>Rows of a page when nobody says how many.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Running tasks, finished ones, or both.</summary>
    public TaskScope Scope { get; init; }

    /// <summary>The remote's id, exactly.</summary>
    public string? Remote { get; init; }

    /// <summary>The node in the UPID, exactly.</summary>
    public string? Node { get; init; }

    /// <summary>A part of the worker type.</summary>
    public string? Type { get; init; }

    /// <summary>A part of the user, token included.</summary>
    public string? User { get; init; }

    /// <summary>The status must be one of these; null or empty: any.</summary>
    public IReadOnlyCollection<StatusClass>? Statuses { get; init; }

    /// <summary>Leaves out what ended OK; running tasks stay.</summary>
    public bool Errors { get; init; }

    /// <summary>The number of a guest: the worker id itself on Proxmox VE, the group <c>vm/N</c> or <c>ct/N</c> on a Backup Server.</summary>
    public long? Guest { get; init; }

    /// <summary>The worker id, exactly, as shown.</summary>
    public string? WorkerId { get; init; }

    /// <summary>
    /// A part of the remote, node, worker type, worker id as shown, user, or status text; ASCII letters match in either case.
    /// A text that has <c>UPID:</c> in it is looked for in the whole UPID instead.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>Began at or after; seconds since the epoch.</summary>
    public long? Since { get; init; }

    /// <summary>Began at or before; seconds since the epoch.</summary>
    public long? Until { get; init; }

    /// <summary>Matching rows to pass over.</summary>
    public long Start { get; init; }

    /// <summary>Rows at most; 0: all.</summary>
    public long Limit { get; init; } = DefaultLimit;

    /// <summary>Goes on behind this task (its UPID with kind and remote), wherever it would stand: the continuation of a page.</summary>
    public string? After { get; init; }
}

/// <summary>Which tasks a query speaks of.</summary>
public enum TaskScope
{
    /// <summary>Running and finished.</summary>
    All,

    /// <summary>Those without an end time.</summary>
    Running,

    /// <summary>Those with one.</summary>
    Finished,
}
