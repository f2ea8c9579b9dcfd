using System.Diagnostics.CodeAnalysis;
using System.Text;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache;

/// <summary>
/// One task as a remote reported it, on its way into the cache. It is checked when it is stored: a record that cannot be
/// understood is left out of the batch and named in <see cref="UpdateResult.Rejected"/>.
/// </summary>
public sealed class TaskRecord
{
    private readonly byte[]? _line;

    /// <summary>Makes a record from its parts.</summary>
    /// <param name="upid">The task's name with kind and remote: <c>pve:remote!UPID:...</c> or <c>pbs:remote!UPID:...</c>.</param>
    /// <param name="startTime">Seconds since the epoch; must be the start time in the UPID.</param>
    /// <param name="status">The remote's text, unchanged; null when it sent none.</param>
    /// <param name="endTime">Seconds since the epoch; null while the task runs.</param>
    public TaskRecord(string upid, long startTime, string? status, long? endTime)
    {
        ArgumentNullException.ThrowIfNull(upid);
        Upid = upid;
        StartTime = startTime;
        Status = status;
        EndTime = endTime;
    }

    private TaskRecord(byte[] line, in TaskLine parsed)
        : this(
            Encoding.UTF8.GetString(parsed.Upid.Span),
            parsed.StartTime,
            parsed.HasStatus ? Encoding.UTF8.GetString(parsed.Status.Span) : null,
            parsed.EndTime) => _line = line;

    /// <summary>The task's name with kind and remote.</summary>
    public string Upid { get; }

    /// <summary>Seconds since the epoch.</summary>
    public long StartTime { get; }

    /// <summary>The remote's text, or null.</summary>
    public string? Status { get; }

    /// <summary>Seconds since the epoch; null while the task runs.</summary>
    public long? EndTime { get; }

    /// <summary>
    /// Reads a record from a JSON line <c>{"upid","starttime","status"?,"endtime"?}</c>; members it does not know are kept with it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out TaskRecord? record, [NotNullWhen(false)] out string? problem)
    {
        Memory<byte> bytes = line.ToArray();
        record = null;
        if (!LineSeal.TryOpen(ref bytes))
        {
            problem = LineSeal.Broken;
            return false;
        }

        if (!new LineParser().TryParse(bytes, out TaskLine parsed, out problem))
            return false;

        // A line break between members is legal JSON, but not in a file of lines.
        byte[] typed = parsed.IsOldForm || parsed.Bytes.Span.IndexOfAny((byte)'\n', (byte)'\r') >= 0 ? LineWriter.WithUpid(parsed, parsed.Upid.Span) : parsed.Bytes.ToArray();
        record = new TaskRecord(typed, parsed);
        problem = null;
        return true;
    }

    /// <summary>The line it was read from, in the form written today; null when it was made from parts.</summary>
    internal byte[]? Line => _line;

    /// <summary>The line to store, in the form written today.</summary>
    internal byte[] ToLine() => _line ?? LineWriter.Write(Upid, StartTime, Status, EndTime);
}
