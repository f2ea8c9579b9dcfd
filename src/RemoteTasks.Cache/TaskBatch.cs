namespace RemoteTasks.Cache;

/// <summary>What one round of polling, or an import, brings: stored in one step by <see cref="CacheWriter.Update"/>.</summary>
public sealed record TaskBatch
{
    /// <summary>Running and finished tasks in any order, any age, any number of times. Of two finished versions of a task the later in the list counts.</summary>
    public IReadOnlyList<TaskRecord> Tasks { get; init; } = [];

    /// <summary>What each node that was asked had to say for itself.</summary>
    public IReadOnlyList<NodeReport> Nodes { get; init; } = [];

    /// <summary>Tasks (with kind and remote) that no longer run and of which nothing more will be known.</summary>
    public IReadOnlyList<string> Gone { get; init; } = [];

    /// <summary>Tasks to follow until they end.</summary>
    public IReadOnlyList<string> Track { get; init; } = [];
}

/// <summary>The outcome of asking one node.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node's name; <c>localhost</c> for a Backup Server.</param>
/// <param name="At">When, seconds since the epoch.</param>
public sealed record NodeReport(string Remote, string Node, long At)
{
    /// <summary>False when it could not be asked.</summary>
    public bool Reached { get; init; } = true;

    /// <summary>Start time of the newest task up to which everything is now known; null when that did not change.</summary>
    public long? Cutoff { get; init; }

    /// <summary>True when the node's clock was set back, so that its cut-off falls: what it dates from now on may be older than what it dated before.</summary>
    public bool ClockSetBack { get; init; }

    /// <summary>A span that the node had already forgotten.</summary>
    public HistoryGap? Gap { get; init; }
}

/// <summary>What became of a batch.</summary>
/// <param name="Stored">Finished tasks that are durable now, those that were known already included.</param>
/// <param name="New">Finished tasks that had to be written.</param>
/// <param name="Running">Running tasks in the batch.</param>
/// <param name="Rejected">Records that could not be understood.</param>
/// <param name="Applied">What was merged, when the journal had become too large.</param>
public sealed record UpdateResult(int Stored, int New, int Running, IReadOnlyList<RejectedTask> Rejected, ApplyResult? Applied);

/// <summary>A record that was left out, by its position in the batch, with the reason.</summary>
public sealed record RejectedTask(int Index, string Reason);

/// <summary>What an apply of the journal did.</summary>
/// <param name="Rows">Tasks taken from the journal.</param>
/// <param name="Files">Archive files written.</param>
/// <param name="BadLines">Lines of the journal that could not be understood and were left out.</param>
/// <param name="Damage">Damage met in the archives, already noted for repair.</param>
public sealed record ApplyResult(int Rows, int Files, int BadLines, IReadOnlyList<Damage> Damage);

/// <summary>How far a long piece of work has come.</summary>
public readonly record struct CacheProgress(string Step, long Done, long Total);
