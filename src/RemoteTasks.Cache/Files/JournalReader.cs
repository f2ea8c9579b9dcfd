using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>Reads parts of the journal, in pieces.</summary>
internal static class JournalReader
{
    private const int PieceBytes = 1 << 20;
    private const int NearBytes = 64 << 10;

    private const int PartBytesMin = 8 << 20;
    private const long KeptBytesMax = 1 << 30;

    // To read so much more costs less than to ask twice.
    private const int GapBytes = 4 << 10;

    /// <summary>Goes through the lines between two offsets, several parts at a time where there is much to read: a process that finds a long journal is waited for.</summary>
    /// <param name="file">The journal.</param>
    /// <param name="from">Where a line begins.</param>
    /// <param name="to">Where to stop.</param>
    /// <param name="keepsLines">Whether the lines are wanted too, since somebody is about to ask for them.</param>
    /// <param name="partBytesMin">Of less, another part is not worth it.</param>
    internal static JournalPart Scan(IDiskFile file, long from, long to, bool keepsLines, int partBytesMin = PartBytesMin)
    {
        long[] bounds = Bounds(file, from, to, partBytesMin);
        var parts = new JournalPart[bounds.Length - 1];
        SideBySide.Run(parts.Length, i => parts[i] = keepsLines && bounds[i + 1] - bounds[i] <= KeptBytesMax
            ? ScanWhole(file, bounds[i], bounds[i + 1])
            : ScanPieces(file, bounds[i], bounds[i + 1]));
        return parts.Aggregate((first, second) => first.Join(second));
    }

    private static JournalPart ScanPieces(IDiskFile file, long from, long to)
    {
        byte[] piece = new byte[(int)Math.Min(PieceBytes, to - from)];
        int held = 0;
        var part = new JournalPart();
        var parser = new LineParser();
        while (true)
        {
            int read = file.Read(from + held, piece.AsSpan(held, (int)Math.Min(piece.Length - held, to - from - held)));
            held += read;
            int whole = ReadLines(piece.AsMemory(0, held), from, part, parser);
            piece.AsSpan(whole, held - whole).CopyTo(piece);
            from += whole;
            held -= whole;
            if (read == 0 || from + held == to)
                break;
            if (held == piece.Length)
                Array.Resize(ref piece, piece.Length * 2);
        }

        return part.EndWith(piece.AsMemory(0, held), from, parser);
    }

    /// <summary>The same, with the lines in one array, where they stay.</summary>
    private static JournalPart ScanWhole(IDiskFile file, long from, long to)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)(to - from));
        Memory<byte> text = bytes.AsMemory(0, file.Read(from, bytes));
        var kept = new LineCollector();
        var part = new JournalPart();
        var parser = new LineParser();
        int whole = ReadLines(text, from, part, parser, kept);
        part.Lines = kept.ToSorted();
        return part.EndWith(text[whole..], from + whole, parser);
    }

    /// <summary>Takes the whole lines of a text, whose seals it removes; the bytes they are.</summary>
    private static int ReadLines(Memory<byte> text, long offset, JournalPart part, LineParser parser, LineCollector? kept = null)
    {
        int start = 0;
        int whole = text.Span.LastIndexOf((byte)'\n') + 1;
        if (whole > 0)
            part.Mark = text[Math.Max(0, whole - Journal.MarkBytes)..whole].ToArray();
        while (start < whole)
        {
            int length = text.Span[start..].IndexOf((byte)'\n');
            Memory<byte> bytes = text.Slice(start, length);
            if (LineSeal.TryOpen(ref bytes) && parser.TryParse(bytes, out TaskLine line, out _) && !line.IsRunning)
            {
                part.Rows.Add(JournalRow.Of(line, length, offset + start));
                kept?.Add(line);
            }
            else if (length > 0)
            {
                part.BadLines++;
            }

            start += length + 1;
        }

        return whole;
    }

    /// <summary>Where parts of about equal length begin, each with a line, and where the last one ends.</summary>
    private static long[] Bounds(IDiskFile file, long from, long to, int partBytesMin)
    {
        int count = (int)Math.Clamp((to - from) / partBytesMin, 1, Environment.ProcessorCount);
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
    /// <exception cref="CacheException">The file no longer holds what it held: <see cref="CacheError.WentBad"/>.</exception>
    internal static SortedLines Pick(IDiskFile file, IReadOnlyList<JournalRow> rows, byte[] bytes)
    {
        byte[] piece = new byte[Math.Min(NearBytes, bytes.Length)];
        long pieceOffset = 0;
        int pieceLength = 0;
        int at = 0;
        var collector = new LineCollector(rows.Count);
        var parser = new LineParser();
        for (int i = 0; i < rows.Count; i++)
        {
            JournalRow row = rows[i];
            if (row.Offset + row.Length > pieceOffset + pieceLength)
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
                throw SortedLines.WentBad($"the line at byte {row.Offset} is another one");
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

/// <summary>What a part of the journal holds.</summary>
internal sealed class JournalPart
{
    /// <summary>Finished tasks in lines that have their newline.</summary>
    internal List<JournalRow> Rows { get; private init; } = [];

    /// <summary>The same lines in order, where they were to be kept.</summary>
    internal SortedLines? Lines { get; set; }

    /// <summary>Whole lines that cannot be understood.</summary>
    internal int BadLines { get; set; }

    /// <summary>The last bytes of the whole lines, as many as fit; none when there is no line.</summary>
    internal ReadOnlyMemory<byte> Mark { get; set; }

    /// <summary>Where the last whole line ends.</summary>
    internal long End { get; private set; }

    /// <summary>The line without a newline at the end, when it can be understood.</summary>
    internal JournalRow? Tail { get; private set; }

    internal JournalPart EndWith(Memory<byte> rest, long offset, LineParser parser)
    {
        End = offset;
        int length = rest.Length;
        if (length > 0 && LineSeal.TryOpen(ref rest) && parser.TryParse(rest, out TaskLine last, out _) && !last.IsRunning)
            Tail = JournalRow.Of(last, length, offset);
        return this;
    }

    /// <summary>This part and the one behind it.</summary>
    internal JournalPart Join(JournalPart next) => new()
    {
        Rows = [.. Rows, .. next.Rows],
        Lines = Lines is null || next.Lines is null ? null : Lines.With(next.Lines),
        BadLines = BadLines + next.BadLines,
        Mark = next.Mark.IsEmpty ? Mark : next.Mark,
        End = next.End,
        Tail = next.Tail,
    };
}
