using System.Buffers;
using System.Buffers.Text;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// Lines as they are nearly always: members in the order in which they are written, nothing escaped, nothing unknown. Read without a
/// JSON reader, several times faster; every other line is left to the full parser, which decides.
/// </summary>
internal static class PlainLine
{
    /// <summary>Where the UPID begins.</summary>
    internal static readonly int UpidOffset = Beginning.Length;

    private static readonly SearchValues<byte> Unusual = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'\\']);

    private static ReadOnlySpan<byte> Beginning => "{\"upid\":\""u8;

    /// <summary>Takes the members of a line of valid UTF-8; false when it is not of this form, which says nothing about it.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> bytes, out TaskLine line)
    {
        line = default;
        ReadOnlySpan<byte> text = bytes.Span;
        int at = 0;
        if (!Take(text, ref at, Beginning) || text.ContainsAny(Unusual))
            return false;
        int upidStart = at;
        if (!TakeString(text, ref at, out int upidLength) || !Take(text, ref at, ",\"starttime\":"u8) || !TakeNumber(text, ref at, out long starttime))
            return false;

        int statusStart = 0;
        int statusLength = 0;
        bool hasStatus = Take(text, ref at, ",\"status\":\""u8);
        if (hasStatus)
        {
            statusStart = at;
            if (!TakeString(text, ref at, out statusLength))
                return false;
        }

        long endtime = 0;
        bool hasEnd = Take(text, ref at, ",\"endtime\":"u8);
        if ((hasEnd && !TakeNumber(text, ref at, out endtime)) || !Take(text, ref at, "}"u8) || at != text.Length)
            return false;
        line = new TaskLine
        {
            Bytes = bytes,
            Upid = bytes.Slice(upidStart, upidLength),
            StartTime = starttime,
            EndTime = hasEnd ? endtime : null,
            Status = hasStatus ? bytes.Slice(statusStart, statusLength) : default,
            HasStatus = hasStatus,
            IsPlain = true,
        };
        return true;
    }

    /// <summary>Whether a UPID of a length may stand where plain lines have it.</summary>
    internal static bool HasUpid(ReadOnlySpan<byte> line, int length) =>
        line.Length > UpidOffset + length && line[UpidOffset - 1] == (byte)'"' && line[UpidOffset + length] == (byte)'"' && line[^1] == (byte)'}';

    private static bool Take(ReadOnlySpan<byte> text, ref int at, ReadOnlySpan<byte> expected)
    {
        if (!text[at..].StartsWith(expected))
            return false;
        at += expected.Length;
        return true;
    }

    /// <summary>The rest of a string that has begun, and its closing quote.</summary>
    private static bool TakeString(ReadOnlySpan<byte> text, ref int at, out int length)
    {
        length = text[at..].IndexOf((byte)'"');
        at += length + 1;
        return length >= 0;
    }

    private static bool TakeNumber(ReadOnlySpan<byte> text, ref int at, out long value)
    {
        // What JSON does not allow (leading zeros, a plus) or this does not know (fractions, exponents) fails here or at the next member.
        bool isNumber = Utf8Parser.TryParse(text[at..], out value, out int used) && used > 0 && text[at] != (byte)'+' && (used == 1 || text[at] is not ((byte)'0' or (byte)'-'));
        at += used;
        return isNumber;
    }
}
