namespace RemoteTasks.Cache.Files;

/// <summary>Where a finished task's line lies, in the journal or on its way there: 16 bytes a task.</summary>
internal readonly record struct JournalRow
{
    private const int LengthBits = 21;
    private const int UpidLengthMax = 1023;

    private readonly int _lengths;

    /// <param name="start">See <see cref="Start"/>.</param>
    /// <param name="length">See <see cref="Length"/>; at most <see cref="Limits.LineBytesMax"/>.</param>
    /// <param name="offset">See <see cref="Offset"/>.</param>
    /// <param name="upidLength">See <see cref="UpidLength"/>.</param>
    internal JournalRow(uint start, int length, long offset, int upidLength)
    {
        Start = start;
        _lengths = length | (upidLength <= UpidLengthMax ? upidLength << LengthBits : 0);
        Offset = offset;
    }

    /// <summary>The task's start time.</summary>
    internal uint Start { get; }

    /// <summary>Bytes of the line, without its newline; in a file with its seal.</summary>
    internal int Length => _lengths & ((1 << LengthBits) - 1);

    /// <summary>Bytes of the UPID where it stands in the line as it is, from <see cref="PlainLine.UpidOffset"/> on; 0 where only the parser can tell.</summary>
    internal int UpidLength => _lengths >> LengthBits;

    /// <summary>The line's first byte.</summary>
    internal long Offset { get; init; }

    /// <summary>The same line somewhere else.</summary>
    internal JournalRow At(long offset, int length) => new(Start, length, offset, UpidLength);

    internal static JournalRow Of(in TaskLine line, int length, long offset) =>
        new((uint)line.StartTime, length, offset, line is { IsPlain: true, IsOldForm: false } ? line.Upid.Length : 0);
}

/// <summary>Lines to be appended to the journal.</summary>
/// <param name="Parts">Their bytes, each line with its newline, one part after the other.</param>
/// <param name="Rows">The lines in this order, offsets counted from the first part's beginning.</param>
/// <param name="Sorted">The same lines in the one order, when that is known.</param>
internal sealed record JournalLines(IReadOnlyList<ReadOnlyMemory<byte>> Parts, JournalRow[] Rows, SortedLines? Sorted)
{
    internal long Length { get; } = Parts.Sum(part => (long)part.Length);

    /// <summary>Bytes that the file gets.</summary>
    internal long SealedBytes => Length + ((long)LineSeal.Bytes * Rows.Length);

    /// <summary>Makes what the file gets, piece by piece, each valid until the next one is asked for.</summary>
    /// <param name="at">Where in the file the first is put.</param>
    /// <param name="buffer">Holds a piece; with room for any line.</param>
    /// <param name="rows">Takes where each line will lie.</param>
    internal IEnumerable<ReadOnlyMemory<byte>> Seal(long at, Memory<byte> buffer, JournalRow[] rows)
    {
        int end = 0;
        int part = 0;
        long partBegins = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            JournalRow row = Rows[i];
            if (end + row.Length + LineSeal.Bytes + 1 > buffer.Length)
            {
                yield return buffer[..end];
                at += end;
                end = 0;
            }

            for (; row.Offset >= partBegins + Parts[part].Length; part++)
                partBegins += Parts[part].Length;
            Span<byte> target = buffer.Span[end..];
            int length = LineSeal.Write(Parts[part].Span.Slice((int)(row.Offset - partBegins), row.Length), target);
            rows[i] = row.At(at + end, length);
            target[length] = (byte)'\n';
            end += length + 1;
        }

        yield return buffer[..end];
    }

    internal static JournalLines Of(IReadOnlyList<(ReadOnlyMemory<byte> Bytes, List<JournalRow> Rows)> parts)
    {
        var rows = new List<JournalRow>(parts.Sum(part => part.Rows.Count));
        long offset = 0;
        foreach ((ReadOnlyMemory<byte> bytes, List<JournalRow> partRows) in parts)
        {
            foreach (JournalRow row in partRows)
                rows.Add(row with { Offset = row.Offset + offset });
            offset += bytes.Length;
        }

        return new JournalLines([.. parts.Select(part => part.Bytes)], [.. rows], Sorted: null);
    }

    /// <summary>Lines that lie one after the other in one array.</summary>
    internal static JournalLines Of(SortedLines lines, byte[] bytes)
    {
        var rows = new JournalRow[lines.Count];
        long offset = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = lines.RowOf(i, offset);
            offset += rows[i].Length + 1;
        }

        return new JournalLines([bytes], rows, lines);
    }
}
