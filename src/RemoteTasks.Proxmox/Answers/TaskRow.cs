using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads one row of a task list. The members needed have the same names in both products.</summary>
internal static class TaskRow
{
    internal const int StatusCharactersMax = 16 * 1024;

    // The last second of the year 9999: what comes after cannot be shown as a date.
    private const long TimeMax = 253_402_300_799;

    /// <summary>Returns null and a reason, not yet cleaned, when the row cannot be understood.</summary>
    internal static RemoteTask? Read(JsonElement row, RemoteType type, out string reason)
    {
        reason = "";
        if (row.ValueKind != JsonValueKind.Object)
            reason = $"the row is no object but {row.ValueKind}";
        else if (JsonValues.Member(row, "upid") is not { ValueKind: JsonValueKind.String } member || JsonValues.Text(member) is not { } upid)
            reason = "the row has no UPID";
        else if (NativeUpid.Fault(upid, type) is { } fault)
            reason = $"{fault}: {upid}";
        else if ((Time(row, "starttime") ?? NativeUpid.StartTime(upid, type)) is not { } start)
            reason = $"neither the row nor its UPID has a start time: {upid}";
        else
            return ReadEnd(row, upid, start, out reason);
        return null;
    }

    private static RemoteTask? ReadEnd(JsonElement row, string upid, long start, out string reason)
    {
        reason = "";
        long? end = Time(row, "endtime");
        string? status = JsonValues.Text(JsonValues.Member(row, "status"));
        // Taking it as running, or as without status, would be a guess.
        if (end is null && JsonValues.Member(row, "endtime") is not null)
            reason = $"the end time cannot be read: {upid}";
        else if (status is null && JsonValues.Member(row, "status") is not null)
            reason = $"the status cannot be read: {upid}";
        else
            return new RemoteTask(upid, start, end, Shorten(status));
        return null;
    }

    private static long? Time(JsonElement row, string name) =>
        JsonValues.WholeNumber(JsonValues.Member(row, name)) is { } time and >= 0 and <= TimeMax ? time : null;

    private static string? Shorten(string? status)
    {
        if (status is null || status.Length <= StatusCharactersMax)
            return status;
        int length = char.IsHighSurrogate(status[StatusCharactersMax - 2]) ? StatusCharactersMax - 2 : StatusCharactersMax - 1;
        return status[..length] + "…";
    }
}
