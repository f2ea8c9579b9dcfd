using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>The product's status classes, for the engines that have none.</summary>
internal static class StatusText
{
    internal static readonly string[] ClassNames = ["running", "ok", "warning", "unknown", "error"];

    internal static StatusClass ClassOf(long? end, string? status) => end is null ? StatusClass.Running : status switch
    {
        "OK" => StatusClass.Ok,
        null or "" or "unknown" or "unexpected status" => StatusClass.Unknown,
        _ when status.StartsWith("WARNINGS: ", StringComparison.Ordinal) => StatusClass.Warning,
        _ => StatusClass.Error,
    };

    internal static StatusClass ClassOf(long? end, ReadOnlySpan<byte> status)
    {
        if (end is null)
            return StatusClass.Running;
        if (status.SequenceEqual("OK"u8))
            return StatusClass.Ok;
        if (status.StartsWith("WARNINGS: "u8))
            return StatusClass.Warning;
        return status.IsEmpty || status.SequenceEqual("unknown"u8) || status.SequenceEqual("unexpected status"u8) ? StatusClass.Unknown : StatusClass.Error;
    }
}
