using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// What the journal held at one moment: finished tasks that are not in the archives yet. Where each line lies is known, 16 bytes a line;
/// the lines themselves are read and sorted when somebody asks for them, which the filling in of history never does. Immutable.
/// </summary>
internal sealed class JournalSnapshot
{
    internal static readonly JournalSnapshot Empty = new() { Rows = [] };

    internal static readonly Comparer<TaskLine> Order = Comparer<TaskLine>.Create(static (a, b) => TaskLine.Compare(a, b));

    // Of fewer rows another thread is not worth it.
    private const int PartRowsMin = 64 << 10;

    private readonly Late<SortedLines> _lines;

    // Lines that were sorted before, and up to where they are those of the file.
    private readonly SortedLines _base;
    private readonly long _baseLength;

    private JournalSnapshot()
    {
        _base = SortedLines.Empty;
        _lines = new Late<SortedLines>(static () => SortedLines.Empty);
    }

    /// <param name="known">The snapshot before, which this one continues.</param>
    /// <param name="file">The file, which stays open for as long as a snapshot needs it.</param>
    /// <param name="length">See <see cref="Length"/>.</param>
    /// <param name="tailLength">See <see cref="TailLength"/>.</param>
    /// <param name="added">The lines up to <paramref name="length"/> behind those that were known, when they are sorted already.</param>
    internal JournalSnapshot(JournalSnapshot known, IDiskFile file, long length, long tailLength, SortedLines? added)
    {
        File = file;
        Length = length;
        TailLength = tailLength;
        Rows = known.Rows;
        BadLines = known.BadLines;
        LostBytes = known.LostBytes;
        (_base, _baseLength) = known is { HasLines: true, TailLength: 0 } ? (known.Lines, known.Length) : (known._base, known._baseLength);
        if (added is not null && _baseLength == known.Length)
            (_base, _baseLength) = (_base.With(added), length);
        _lines = new Late<SortedLines>(() => _base.With(ReadFrom(_baseLength)));
    }

    /// <summary>The open file; null when there was none.</summary>
    internal IDiskFile? File { get; }

    internal FileIdentity? Identity => File?.Identity;

    /// <summary>Bytes up to the end of the last whole line.</summary>
    internal long Length { get; }

    /// <summary>Bytes behind it: a line without its newline, torn by a crash.</summary>
    internal long TailLength { get; }

    /// <summary>Bytes up to the end of the last line that counts, with its newline or without.</summary>
    internal long GoodLength => Length + (TailRow is null ? 0 : TailLength);

    /// <summary>Where the lines lie, in the order of the file, in one piece for each time that some were added.</summary>
    internal required IReadOnlyList<JournalRow[]> Rows { get; init; }

    /// <summary>The line behind the last whole one, when it can be understood.</summary>
    internal JournalRow? TailRow { get; init; }

    /// <summary>Lines that could not be understood.</summary>
    internal int BadLines { get; init; }

    /// <summary>Bytes that the disk had confirmed and that are not there any more: somebody cut the file.</summary>
    internal long LostBytes { get; init; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    internal Damage? Damage =>
        LostBytes > 0 ? new Damage(FileNames.Journal, 0, long.MaxValue, BadLines, $"the journal was cut: {LostBytes} bytes that were stored are not there")
        : BadLines > 0 ? new Damage(FileNames.Journal, 0, long.MaxValue, BadLines, "lines of the journal cannot be understood")
        : null;

    /// <summary>The last bytes before <see cref="Length"/>: shows whether a longer file still is the same journal.</summary>
    internal ReadOnlyMemory<byte> Mark { get; init; }

    /// <summary>
    /// The tasks, the later written version of each. To be asked for first while the directory is locked: other programs empty the file in place.
    /// </summary>
    internal SortedLines Lines => _lines.Value;

    /// <summary>Whether the lines are in memory, and no longer need the file.</summary>
    internal bool HasLines => _lines.IsMade || _baseLength == Length + TailLength;

    /// <summary>At least those lines that are versions of some tasks. Reads no others, if not all are in memory already.</summary>
    internal SortedLines Among(IReadOnlyCollection<TaskLine> tasks)
    {
        if (HasLines)
            return Lines;
        if (tasks.Count == 0)
            return SortedLines.Empty;
        var starts = new StartSet(tasks);
        var rows = new List<JournalRow>();
        foreach (JournalRow[] piece in Rows)
        {
            foreach (ref readonly JournalRow row in piece.AsSpan())
            {
                if (starts.Contains(row.Start))
                    rows.Add(row);
            }
        }

        if (TailRow is { } tail && starts.Contains(tail.Start))
            rows.Add(tail);
        return JournalReader.Pick(File!, rows, new byte[rows.Sum(row => row.Length)]);
    }

    internal IEnumerable<JournalRow> AllRows => TailRow is { } tail ? Rows.SelectMany(piece => piece).Append(tail) : Rows.SelectMany(piece => piece);

    /// <summary>The lines behind an offset: where they are is known, so that they need not be understood again.</summary>
    private SortedLines ReadFrom(long offset)
    {
        JournalRow[] rows = [.. Rows.SkipWhile(piece => piece.Length == 0 || piece[^1].Offset < offset).SelectMany(piece => piece).Where(row => row.Offset >= offset)];
        if (TailRow is { } tail)
            rows = [.. rows, tail];
        var parts = new SortedLines[Math.Clamp(rows.Length / PartRowsMin, 1, Environment.ProcessorCount)];
        SideBySide.Run(parts.Length, i =>
        {
            int from = (int)((long)rows.Length * i / parts.Length);
            int to = (int)((long)rows.Length * (i + 1) / parts.Length);
            var part = new ArraySegment<JournalRow>(rows, from, to - from);
            parts[i] = JournalReader.Pick(File!, part, GC.AllocateUninitializedArray<byte>(part.Sum(row => row.Length)));
        });
        return parts.Aggregate((older, newer) => older.With(newer));
    }

    /// <summary>Lines in the file, those of one task counted each.</summary>
    internal int RowCount => Rows.Sum(piece => piece.Length) + (TailRow is null ? 0 : 1);

    /// <summary>Start times. Most of those that are not among them are told apart by a bit, without looking further.</summary>
    private sealed class StartSet
    {
        private const int Bits = 1 << 18;

        private readonly ulong[] _bits = new ulong[Bits / 64];
        private readonly HashSet<uint> _starts = [];

        internal StartSet(IEnumerable<TaskLine> tasks)
        {
            foreach (TaskLine task in tasks)
            {
                uint start = (uint)task.StartTime;
                _starts.Add(start);
                _bits[start % Bits / 64] |= 1UL << (int)(start % 64);
            }
        }

        internal bool Contains(uint start) => (_bits[start % Bits / 64] >> (int)(start % 64) & 1) != 0 && _starts.Contains(start);
    }
}
