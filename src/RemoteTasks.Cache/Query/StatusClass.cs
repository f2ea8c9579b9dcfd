namespace RemoteTasks.Cache;

/// <summary>What became of a task, in five words.</summary>
public enum StatusClass
{
    /// <summary>No end time yet, whatever the status text says.</summary>
    Running,

    /// <summary><c>OK</c>.</summary>
    Ok,

    /// <summary><c>WARNINGS: n</c>: done, with notes.</summary>
    Warning,

    /// <summary>Nobody knows: no status, <c>unknown</c>, or <c>unexpected status</c> (the worker died without a word).</summary>
    Unknown,

    /// <summary>Any other text.</summary>
    Error,
}

internal static class StatusClasses
{
    internal const int Count = 5;

    internal static StatusClass Of(long? endtime, ReadOnlySpan<byte> status)
    {
        if (endtime is null)
            return StatusClass.Running;
        if (status.SequenceEqual("OK"u8))
            return StatusClass.Ok;
        if (status.StartsWith("WARNINGS: "u8))
            return StatusClass.Warning;
        return status.IsEmpty || status.SequenceEqual("unknown"u8) || status.SequenceEqual("unexpected status"u8)
            ? StatusClass.Unknown
            : StatusClass.Error;
    }
}
