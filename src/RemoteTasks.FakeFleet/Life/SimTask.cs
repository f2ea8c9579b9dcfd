namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// One task of one node. A million of them live in a large fleet, so texts are shared and the UPID is built when asked for.
/// While it runs, <see cref="End"/> and <see cref="Status"/> say what will come.
/// </summary>
internal sealed class SimTask(string type, string id, string user, long start, long end, string status)
{
    /// <summary>The end of a task that runs until it is ended by hand.</summary>
    public const long NoEnd = long.MaxValue;

    public string Type { get; } = type;

    /// <summary>Worker id as a person reads it; PBS escapes it inside the UPID.</summary>
    public string Id { get; } = id;

    /// <summary>User with realm and, for a token, <c>!name</c>.</summary>
    public string User { get; } = user;

    /// <summary>As the clock of its host had it.</summary>
    public long Start { get; set; } = start;

    public long End { get; set; } = end;

    public string Status { get; set; } = status;

    public bool Finished { get; set; }

    /// <summary>What its host was called when it began; null: what it is called now.</summary>
    public string? Host { get; set; }

    public uint Pid { get; set; }

    public ulong Pstart { get; set; }

    /// <summary>Counter inside the PBS daemon; 0 on PVE.</summary>
    public ulong TaskId { get; set; }
}

/// <summary>A task as one look at its node found it; the task itself may end while the answer is being written.</summary>
internal readonly record struct SeenTask(SimTask Task, bool Running)
{
    public string? Status => Running ? null : Task.Status;
}
