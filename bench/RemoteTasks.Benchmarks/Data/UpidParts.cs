using System.Buffers.Text;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>The parts of a UPID with its remote, for the two engines that have no parser of their own.</summary>
internal readonly ref struct UpidParts
{
    internal ReadOnlySpan<byte> Remote { get; private init; }

    internal ReadOnlySpan<byte> Node { get; private init; }

    internal ReadOnlySpan<byte> WorkerType { get; private init; }

    internal ReadOnlySpan<byte> WorkerId { get; private init; }

    internal ReadOnlySpan<byte> User { get; private init; }

    internal long Pid { get; private init; }

    internal long PStart { get; private init; }

    internal long Start { get; private init; }

    internal bool IsBackupServer { get; private init; }

    /// <summary>Splits and checks, in one pass over the bytes.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> upid, out UpidParts parts)
    {
        parts = default;
        int bang = upid.IndexOf((byte)'!');
        if (bang < 5 || upid[3] != (byte)':')
            return false;
        ReadOnlySpan<byte> native = upid[(bang + 1)..];
        Span<Range> ranges = stackalloc Range[12];
        int count = Split(native, ranges);
        bool isBackupServer = count == 10;
        if (count is not (9 or 10) || !native[ranges[count - 1]].IsEmpty || !native[ranges[0]].SequenceEqual("UPID"u8))
            return false;
        int shift = isBackupServer ? 1 : 0;
        if (!TryHex(native[ranges[2]], out long pid) || !TryHex(native[ranges[3]], out long pstart) || !TryHex(native[ranges[4 + shift]], out long start))
            return false;
        parts = new UpidParts
        {
            Remote = upid[4..bang],
            Node = native[ranges[1]],
            Pid = pid,
            PStart = pstart,
            Start = start,
            WorkerType = native[ranges[5 + shift]],
            WorkerId = native[ranges[6 + shift]],
            User = native[ranges[7 + shift]],
            IsBackupServer = isBackupServer,
        };
        return !parts.Node.IsEmpty && !parts.WorkerType.IsEmpty && !parts.User.IsEmpty;
    }

    private static int Split(ReadOnlySpan<byte> text, Span<Range> ranges)
    {
        int count = 0;
        int start = 0;
        while (count < ranges.Length)
        {
            int colon = text[start..].IndexOf((byte)':');
            if (colon < 0)
            {
                ranges[count++] = start..text.Length;
                return count;
            }

            ranges[count++] = start..(start + colon);
            start += colon + 1;
        }

        return count;
    }

    private static bool TryHex(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used, 'X') && used == text.Length && used >= 8;
}
