using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>Reads parts of the journal, in pieces.</summary>
internal static class JournalReader
{
    private const int PieceBytes = 1 << 20;
    private const int NearBytes = 64 << 10;

    private const int PartBytesMin = 8 << 20;

    // To read so much more costs less than to ask twice.
    private const int GapBytes = 4 << 10;

    /// <summary>Goes through the lines between two offsets.</summary>
    /// <param name="file">The journal.</param>
    /// <param name="from">Where a line begins.</param>
    /// <param name="to">Where to stop.</param>
    /// <param name="rows">Takes finished tasks in lines that have their newline.</param>
    /// <param name="badLines">Whole lines that cannot be understood.</param>
    /// <param name="mark">The last bytes of the whole lines, as many as fit; left alone when there is none.</param>
    /// <param name="tail">The line without a newline at the end, when it can be understood.</param>
    /// <returns>Where the last whole line ends.</returns>
    internal static long Scan(IDiskFile file, long from, long to, List<JournalRow> rows, out int badLines, ref ReadOnlyMemory<byte> mark, out JournalRow? tail)
    {
        byte[] piece = new byte[(int)Math.Min(PieceBytes, to - from)];
        int markBytes = Journal.MarkBytes;
        int held = 0;
        var parser = new LineParser();
        badLines = 0;
        while (true)
        {
            int read = file.Read(from + held, piece.AsSpan(held, (int)Math.Min(piece.Length - held, to - from - held)));
            held += read;
            int start = 0;
            int whole = piece.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            if (whole > 0)
                mark = piece.AsSpan(Math.Max(0, whole - markBytes), Math.Min(whole, markBytes)).ToArray();
            while (piece.AsSpan(start, held - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                Memory<byte> text = piece.AsMemory(start, length);
                if (LineSeal.TryOpen(ref text) && parser.TryParse(text, out TaskLine line, out _) && !line.IsRunning)
                    rows.Add(JournalRow.Of(line, length, from + start));
                else if (length > 0)
                    badLines++;
                start += length + 1;
            }

            piece.AsSpan(start, held - start).CopyTo(piece);
            from += start;
            held -= start;
            if (read == 0 || from + held == to)
                break;
            if (held == piece.Length)
                Array.Resize(ref piece, piece.Length * 2);
        }

        Memory<byte> rest = piece.AsMemory(0, held);
        tail = held > 0 && LineSeal.TryOpen(ref rest) && parser.TryParse(rest, out TaskLine last, out _) && !last.IsRunning ? JournalRow.Of(last, held, from) : null;
        return from;
    }

    /// <summary>The same, several parts at a time where there is much to read: a process that finds a long journal is waited for.</summary>
    internal static long ScanParts(IDiskFile file, long from, long to, List<JournalRow> rows, out int badLines, ref ReadOnlyMemory<byte> mark, out JournalRow? tail)
    {
        long[] bounds = Bounds(file, from, to);
        if (bounds.Length == 2)
            return Scan(file, from, to, rows, out badLines, ref mark, out tail);
        var parts = new (List<JournalRow> Rows, int Bad, ReadOnlyMemory<byte> Mark, JournalRow? Tail, long End)[bounds.Length - 1];
        Parallel.For(0, parts.Length, i =>
        {
            ref var part = ref parts[i];
            part.Rows = [];
            part.End = Scan(file, bounds[i], bounds[i + 1], part.Rows, out part.Bad, ref part.Mark, out part.Tail);
        });
        badLines = 0;
        foreach ((List<JournalRow> found, int bad, ReadOnlyMemory<byte> last, _, _) in parts)
        {
            rows.AddRange(found);
            badLines += bad;
            mark = last.IsEmpty ? mark : last;
        }

        tail = parts[^1].Tail;
        return parts[^1].End;
    }

    /// <summary>Where parts of about equal length begin, each with a line, and where the last one ends.</summary>
    private static long[] Bounds(IDiskFile file, long from, long to)
    {
        int count = (int)Math.Clamp((to - from) / PartBytesMin, 1, Environment.ProcessorCount);
        var bounds = new List<long> { from };
        byte[] piece = new byte[count > 1 ? NearBytes : 0];
        for (int i = 1; i < count; i++)
        {
            long middle = from + ((to - from) / count * i);
            int newline = piece.AsSpan(0, file.Read(middle, piece)).IndexOf((byte)'\n');
            if (newline >= 0)
                bounds.Add(middle + newline + 1);
        }

        bounds.Add(to);
        return [.. bounds];
    }

    /// <summary>Some of the lines, in the order of the file, read and sorted. What more they are than their UPID is looked at by who understands them.</summary>
    /// <param name="file">The journal.</param>
    /// <param name="rows">Where they lie, ascending.</param>
    /// <param name="bytes">Takes the lines; as long as all of them together.</param>
    /// <exception cref="IOException">The file no longer holds what it held.</exception>
    internal static SortedLines Pick(IDiskFile file, IReadOnlyList<JournalRow> rows, byte[] bytes)
    {
        byte[] piece = new byte[NearBytes];
        long pieceOffset = 0;
        int pieceLength = 0;
        int at = 0;
        var collector = new LineCollector(rows.Count);
        var parser = new LineParser();
        for (int i = 0; i < rows.Count; i++)
        {
            JournalRow row = rows[i];
            if (row.Offset < pieceOffset || row.Offset + row.Length > pieceOffset + pieceLength)
            {
                int wanted = NearRows(rows, i);
                if (piece.Length < wanted)
                    piece = new byte[wanted];
                pieceOffset = row.Offset;
                pieceLength = file.Read(pieceOffset, piece.AsSpan(0, wanted));
            }

            Memory<byte> line = bytes.AsMemory(at, row.Length);
            bool isThere = row.Length <= pieceLength;
            if (isThere)
                piece.AsSpan((int)(row.Offset - pieceOffset), row.Length).CopyTo(line.Span);
            isThere = isThere && LineSeal.TryOpen(ref line);
            if (isThere && row.UpidLength > 0 && PlainLine.HasUpid(line.Span, row.UpidLength))
                collector.Add(bytes, row.At(at, line.Length));
            else if (isThere && row.UpidLength == 0 && parser.TryParse(line, out TaskLine parsed, out _) && parsed.StartTime == row.Start)
                collector.Add(parsed);
            else
                throw new IOException($"The journal is not what it was when it was read: the line at byte {row.Offset} is another one. Nothing was changed; try again.");
            at += row.Length;
        }

        return collector.ToSorted();
    }

    /// <summary>Bytes to read at once: a row, and those that follow near enough.</summary>
    private static int NearRows(IReadOnlyList<JournalRow> rows, int first)
    {
        long from = rows[first].Offset;
        long end = from + rows[first].Length;
        for (int i = first + 1; i < rows.Count && rows[i].Offset - end <= GapBytes && rows[i].Offset + rows[i].Length - from <= NearBytes; i++)
            end = rows[i].Offset + rows[i].Length;
        return (int)(end - from);
    }
}
