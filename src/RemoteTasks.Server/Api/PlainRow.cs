using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Api;

/// <summary>Rows in which nothing has to be escaped, which nearly all are: copied from the stored bytes, several times faster than member by member.</summary>
internal static class PlainRow
{
    // Text that must not stand in a JSON string as it is.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    // All names, punctuation and numbers of a row have less than this.
    private const int RoomForTheRest = 320;
    private const int BytesMax = 1024;
    private const int WorkerIdBytesMax = 128;

    /// <summary>Writes the row; false when it is not of this kind.</summary>
    internal static bool TryWrite(Utf8JsonWriter json, in TaskView row)
    {
        // The parts of the UPID together are shorter than it is.
        if (!row.IsPlain || row.WorkerIdBytesMax > WorkerIdBytesMax || (2 * row.Upid.Length) + row.WorkerIdBytesMax + row.Status.Length + RoomForTheRest > BytesMax)
            return false;
        Span<byte> scratch = stackalloc byte[WorkerIdBytesMax];
        ReadOnlySpan<byte> workerId = row.WorkerId(scratch);
        if (workerId.ContainsAny(Escaped))
            return false;

        Span<byte> target = stackalloc byte[BytesMax];
        int at = 0;
        Text(target, ref at, "{\"upid\":\""u8, row.Upid);
        Text(target, ref at, "\",\"remote\":\""u8, row.Remote);
        Text(target, ref at, "\",\"node\":\""u8, row.Node);
        Number(target, ref at, "\",\"pid\":"u8, row.Pid);
        Number(target, ref at, ",\"pstart\":"u8, row.PStart);
        Number(target, ref at, ",\"starttime\":"u8, row.StartTime);
        Text(target, ref at, ",\"worker_type\":\""u8, row.WorkerType);
        if (workerId.IsEmpty)
            Text(target, ref at, "\",\"worker_id\":null"u8, default);
        else
            Text(target, ref at, "\",\"worker_id\":\""u8, workerId);
        Text(target, ref at, workerId.IsEmpty ? ",\"user\":\""u8 : "\",\"user\":\""u8, row.User);
        Text(target, ref at, "\""u8, default);
        if (row.EndTime is { } endtime)
            Number(target, ref at, ",\"endtime\":"u8, endtime);
        if (row.HasStatus)
        {
            Text(target, ref at, ",\"status\":\""u8, row.Status);
            Text(target, ref at, "\""u8, default);
        }

        Text(target, ref at, "}"u8, default);
        json.WriteRawValue(target[..at], skipInputValidation: true);
        return true;
    }

    private static void Text(Span<byte> target, ref int at, ReadOnlySpan<byte> before, ReadOnlySpan<byte> text)
    {
        before.CopyTo(target[at..]);
        at += before.Length;
        text.CopyTo(target[at..]);
        at += text.Length;
    }

    private static void Number(Span<byte> target, ref int at, ReadOnlySpan<byte> before, long number)
    {
        Text(target, ref at, before, default);
        Utf8Formatter.TryFormat(number, target[at..], out int written);
        at += written;
    }
}
