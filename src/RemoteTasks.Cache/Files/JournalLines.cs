namespace RemoteTasks.Cache.Files;

/// <summary>Where a finished task's line lies in the journal.</summary>
/// <param name="Start">The task's start time.</param>
/// <param name="Length">Bytes of the line, without its newline.</param>
/// <param name="Offset">The line's first byte.</param>
internal readonly record struct JournalRow(uint Start, int Length, long Offset);

/// <summary>Lines to be appended to the journal.</summary>
/// <param name="Parts">Their bytes, each line with its newline, one part after the other.</param>
/// <param name="Rows">The lines in this order, offsets counted from the first part's beginning.</param>
/// <param name="Sorted">The same lines in the one order, when that is known.</param>
internal sealed record JournalLines(IReadOnlyList<ReadOnlyMemory<byte>> Parts, JournalRow[] Rows, SortedLines? Sorted)
{
    internal long Length { get; } = Parts.Sum(part => (long)part.Length);

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
            rows[i] = new JournalRow((uint)lines.StartOf(i), lines.LineOf(i).Length, offset);
            offset += rows[i].Length + 1;
        }

        return new JournalLines([bytes], rows, lines);
    }
}
