using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RemoteTasks.Cache.Files;

/// <summary>Makes lines: <c>{"upid":"...","starttime":s,"status":"...","endtime":s}</c>, members without a value left out.</summary>
internal static class LineWriter
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x7F - 0x20).Select(value => (char)value).Where(value => value is not ('"' or '\\'))]);

    /// <summary>Bytes that names, punctuation and numbers of a line never exceed.</summary>
    internal const int RoomForTheRest = 100;

    // As the reference writes: only quotes, backslashes and control characters are escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Write(string upid, long starttime, string? status, long? endtime)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("upid"u8, upid);
            writer.WriteNumber("starttime"u8, starttime);
            if (status is not null)
                writer.WriteString("status"u8, status);
            if (endtime is not null)
                writer.WriteNumber("endtime"u8, endtime.Value);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The same into a buffer, not checked yet; false when there is no room, or something would have to be escaped, or is not ASCII.</summary>
    internal static bool TryWritePlain(TaskRecord task, Memory<byte> buffer, out TaskLine line)
    {
        line = default;
        int length = 0;
        int bytesMax = task.Upid.Length + (task.Status?.Length ?? 0) + RoomForTheRest;
        if (bytesMax > Math.Min(buffer.Length, Limits.LineBytesMax) || task.Upid.AsSpan().ContainsAnyExcept(Plain) || task.Status.AsSpan().ContainsAnyExcept(Plain))
            return false;
        Span<byte> target = buffer.Span;
        Put(target, ref length, "{\"upid\":\""u8, task.Upid);
        Put(target, ref length, "\",\"starttime\":"u8, task.StartTime);
        int statusEnd = 0;
        if (task.Status is not null)
        {
            Put(target, ref length, ",\"status\":\""u8, task.Status);
            statusEnd = length;
            Put(target, ref length, "\""u8, "");
        }

        if (task.EndTime is not null)
            Put(target, ref length, ",\"endtime\":"u8, task.EndTime.Value);
        Put(target, ref length, "}"u8, "");
        line = new TaskLine
        {
            Bytes = buffer[..length],
            Upid = buffer.Slice(PlainLine.UpidOffset, task.Upid.Length),
            StartTime = task.StartTime,
            EndTime = task.EndTime,
            Status = task.Status is null ? default : buffer[(statusEnd - task.Status.Length)..statusEnd],
            HasStatus = task.Status is not null,
            IsPlain = true,
        };
        return true;
    }

    private static void Put(Span<byte> target, ref int length, ReadOnlySpan<byte> before, string text)
    {
        before.CopyTo(target[length..]);
        length += before.Length;
        length += Encoding.ASCII.GetBytes(text, target[length..]);
    }

    private static void Put(Span<byte> target, ref int length, ReadOnlySpan<byte> before, long number)
    {
        Put(target, ref length, before, "");
        Utf8Formatter.TryFormat(number, target[length..], out int written);
        length += written;
    }

    /// <summary>The line with another UPID, on one line, and every other member as it was, also those the engine does not know.</summary>
    internal static byte[] WithUpid(in TaskLine line, ReadOnlySpan<byte> upid)
    {
        try
        {
            return CopyMembers(line, upid);
        }
        catch (InvalidOperationException)
        {
            // An unknown member holds a lone surrogate, which no writer may emit: the task counts more than that member.
            string? status = line.HasStatus ? Encoding.UTF8.GetString(line.Status.Span) : null;
            return Write(Encoding.UTF8.GetString(upid), line.StartTime, status, line.EndTime);
        }
    }

    private static byte[] CopyMembers(in TaskLine line, ReadOnlySpan<byte> upid)
    {
        var buffer = new ArrayBufferWriter<byte>(line.Bytes.Length + 16);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        using (JsonDocument document = JsonDocument.Parse(line.Bytes))
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (member.NameEquals("upid"u8))
                    writer.WriteString("upid"u8, upid);
                else
                    member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
