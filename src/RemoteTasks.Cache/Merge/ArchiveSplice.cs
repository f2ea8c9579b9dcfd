using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Merges lines into an archive by its index: blocks that nothing falls into are copied as they are, of the others the lines are copied without being
/// understood, and columns are taken over.
/// </summary>
internal sealed class ArchiveSplice : IDisposable
{
    // Fewer whole blocks in a row are not worth a block that ends early before them.
    private const int BlocksMin = 4;

    private readonly ArchiveIndex _archive;
    private readonly ArchiveWriter _writer;
    private readonly FrameReader _frames;
    private readonly ColumnData[] _columns;
    private readonly LineParser _parser = new();
    private readonly LineParser _oldParser = new();
    private int _row;
    private bool _isDamaged;

    /// <param name="archive">The archive, with blocks, an index of its own and no damage.</param>
    /// <param name="writer">Takes its new content; begun with the archive's columns.</param>
    internal ArchiveSplice(ArchiveIndex archive, ArchiveWriter writer)
    {
        _archive = archive;
        _writer = writer;
        _frames = new FrameReader(archive);
        _columns = archive.Columns.All();
    }

    /// <summary>Whether an archive can be merged into like this.</summary>
    internal static bool IsFor(ArchiveIndex archive) => archive is { HasBlocks: true, Digest: not null, Damage.Count: 0 };

    /// <summary>Writes the archive's lines and some others, which replace those of the same task; false when the archive is not as its index says.</summary>
    /// <param name="parts">The lines in order, in parts of which each is used up before the next one is asked for.</param>
    internal bool TryWrite(IEnumerable<SortedLines> parts)
    {
        foreach (SortedLines lines in parts)
        {
            for (int i = 0; i < lines.Count && !_isDamaged; i++)
            {
                TaskLine line = lines.Parse(i, _parser);
                int place = PlaceOf(line, out bool isThere);
                CopyTo(place);
                _row = isThere ? place + 1 : place;
                _writer.Write(line);
            }

            if (_isDamaged)
                break;
        }

        CopyTo(_archive.Rows);
        return !_isDamaged && _frames.IsWhole();
    }

    public void Dispose() => _frames.Dispose();

    /// <summary>The row before which a line belongs, or which it replaces. Lines come in order, so it is never above one that was found before.</summary>
    private int PlaceOf(in TaskLine line, out bool isThere)
    {
        isThere = false;
        ReadOnlySpan<uint> starts = _columns[(int)TaskColumn.Start].Bytes32;
        int place = ArchiveColumns.FirstNotAfter(starts, line.StartTime, _row);
        for (; place < starts.Length && starts[place] == line.StartTime; place++)
        {
            // Blocks are read once, in order: those before this one have to be done with.
            CopyTo(_archive.RowsOf(_archive.BlockOf(place)).From);
            if (!TryRead(place, out TaskLine old))
                return place;
            int order = TaskLine.Compare(old, line);
            isThere = order == 0;
            if (order >= 0)
                break;
        }

        return place;
    }

    private bool TryRead(int row, out TaskLine line)
    {
        int block = _archive.BlockOf(row);
        line = default;
        _isDamaged |= _frames.Decode(block) is not { } decoded || row - _archive.RowsOf(block).From >= decoded.Lines
            || !_oldParser.TryParse(decoded[row - _archive.RowsOf(block).From], out line, out _);
        return !_isDamaged;
    }

    /// <summary>Copies the rows that were not copied yet, up to one.</summary>
    private void CopyTo(int to)
    {
        while (_row < to && !_isDamaged)
        {
            int block = _archive.BlockOf(_row);
            (int first, int end) = _archive.RowsOf(block);
            _row = _row == first && IsLongRun(block, to) ? CopyBlocks(block, to) : CopyLines(block, _row, Math.Min(end, to));
        }
    }

    private bool IsLongRun(int block, int to)
    {
        int last = Math.Min(block + BlocksMin, _archive.Table!.Count) - 1;
        return _archive.RowsOf(last).To <= to;
    }

    /// <summary>Copies whole blocks as long as there are; the row behind them.</summary>
    private int CopyBlocks(int block, int to)
    {
        (int from, int end) = _archive.RowsOf(block);
        if (!_writer.MayEndBlock)
        {
            // A few lines are waiting: the next block takes them in and ends then, or it would be so for every block to come.
            return CopyLines(block, from, end, end - from <= Limits.BlockLinesMax ? 2 * Limits.BlockLinesMax : Limits.BlockLinesMax);
        }

        for (; end <= to; (from, end) = _archive.RowsOf(block))
        {
            ReadOnlySpan<byte> frame = _frames.Frame(block);
            _isDamaged |= frame.IsEmpty;
            if (_isDamaged)
                return to;
            _writer.CopyBlock(frame, _archive.Table![block].Decompressed, _columns, from, end);
            if (++block == _archive.Table.Count)
                return end;
        }

        return from;
    }

    private int CopyLines(int block, int from, int to, int linesMax = Limits.BlockLinesMax)
    {
        int first = _archive.RowsOf(block).From;
        _isDamaged |= _frames.Decode(block) is not { } decoded || decoded.Lines < to - first;
        if (!_isDamaged)
            _writer.CopyLines(_frames.Decode(block)!, from - first, to - from, _columns, from, linesMax);
        return to;
    }
}
