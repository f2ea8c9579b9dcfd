using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// The matching tasks of a segment in the one order: rows of the archive and lines over it, merged. Goes forward only, and looks for rows only as far
/// as it has gone: a page of the newest costs the same however long the archive is.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    // 4 KiB of bits.
    private const int WindowRows = 32_768;

    private readonly Segment _segment;
    private readonly TaskFilter _filter;
    private readonly int[] _over;
    private readonly RowReader? _reader;
    private readonly int _end;
    private RowSet _window;
    private int _row;
    private int _next;
    private int _nextRow = -1;

    internal SegmentReader(Segment segment, TaskFilter filter)
    {
        _segment = segment;
        _filter = filter;
        _over = segment.MatchOver(filter).ToArray();
        (int from, _end) = segment.Archive?.Columns.IsNone(filter) == false ? segment.Range(filter) : (0, 0);
        _reader = segment.Archive is null ? null : new RowReader(segment.Archive);
        _window = new RowSet(from, from);
        _row = NextFrom(from);
    }

    /// <summary>Goes behind a task, wherever it is or would be.</summary>
    internal void SkipBehind(in TaskLine key)
    {
        while (_next < _over.Length && TaskLine.Compare(_segment.Over.AsSpan()[_over[_next]], key) <= 0)
            _next++;
        if (_segment.Archive is null)
            return;
        int row = ArchiveSearch.RowOf(_segment.Archive, key, out bool isThere);
        _row = NextFrom(Math.Max(_row, isThere ? row + 1 : row));
        _nextRow = -1;
    }

    /// <summary>Passes over tasks; how many of them there were.</summary>
    internal long Skip(long count)
    {
        long left = count - SkipRows(count, NextOverRow());
        while (left > 0 && _next < _over.Length)
        {
            left--;
            _next++;
            _nextRow = -1;
            left -= SkipRows(left, NextOverRow());
        }

        return count - left;
    }

    /// <summary>Whether there are tasks left.</summary>
    internal bool HasMore => _row < _end || _next < _over.Length;

    /// <summary>The next task; valid until the next call.</summary>
    internal bool TryRead(out TaskLine line)
    {
        if (_row < _end && (_next == _over.Length || _row < NextOverRow()))
        {
            line = _reader!.View(_row);
            _row = NextFrom(_row + 1);
            return true;
        }

        line = _next < _over.Length ? _segment.Over.AsSpan()[_over[_next]] : default;
        if (_next == _over.Length)
            return false;
        _next++;
        _nextRow = -1;
        return true;
    }

    public void Dispose() => _reader?.Dispose();

    /// <summary>Passes over rows below one; how many of them there were, at most so many as wanted.</summary>
    private long SkipRows(long count, int until)
    {
        long left = count;
        while (left > 0 && _row < until)
        {
            int end = Math.Min(until, _window.To);
            int here = _window.CountRange(_row, end);
            if (left < here)
            {
                _row = _window.Skip(_row, left);
                return count;
            }

            left -= here;
            _row = NextFrom(end);
        }

        return count - left;
    }

    /// <summary>The first matching row that is not before a row, which is in the window then; the end when there is none.</summary>
    private int NextFrom(int row)
    {
        while (row < _end)
        {
            if (row >= _window.To)
                _window = _segment.Match(_filter, row, Math.Min(_end, row + WindowRows));
            row = _window.NextFrom(row);
            if (row < _window.To)
                return row;
        }

        return _end;
    }

    /// <summary>The archive's row before which the next line over it stands; never behind the end.</summary>
    private int NextOverRow()
    {
        if (_next == _over.Length || _segment.Archive is null)
            return _end;
        if (_nextRow < 0)
            _nextRow = Math.Min(_end, _segment.PlaceOf(_over[_next]));
        return _nextRow;
    }
}

/// <summary>Finds a task's place among an archive's rows.</summary>
internal static class ArchiveSearch
{
    /// <summary>The row of a task, or that of the first one behind where it would stand.</summary>
    internal static int RowOf(ArchiveIndex archive, in TaskLine key, out bool isThere)
    {
        using var reader = new RowReader(archive);
        return RowOf(reader, key, out isThere);
    }

    /// <summary>The same by a reader that is at hand.</summary>
    internal static int RowOf(RowReader reader, in TaskLine key, out bool isThere)
    {
        isThere = false;
        ArchiveIndex archive = reader.Archive;
        int low = archive.Columns.FirstNotAfter(key.StartTime);
        int high = archive.Columns.FirstNotAfter(key.StartTime - 1);
        if (low == high)
            return low;
        if (!archive.HasBlocks)
            return Forward(reader, low, high, key, out isThere);
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = TaskLine.Compare(reader.View(middle), key);
            if (order == 0)
            {
                isThere = true;
                return middle;
            }

            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Whether an archive may have a task: hardly ever wrong, and without reading a line.</summary>
    internal static bool MayHave(ArchiveIndex archive, in TaskLine key)
    {
        if (!archive.Columns.Spans(key.StartTime))
            return false;
        int low = archive.Columns.FirstNotAfter(key.StartTime);
        int high = archive.Columns.FirstNotAfter(key.StartTime - 1);
        if (low == high)
            return false;
        return archive.Columns.Column(TaskColumn.Serial).Bytes32[low..high].Contains(IndexBuilder.SerialOf(key.Fields));
    }

    private static int Forward(RowReader reader, int low, int high, in TaskLine key, out bool isThere)
    {
        isThere = false;
        for (; low < high; low++)
        {
            int order = TaskLine.Compare(reader.Read(low), key);
            isThere = order == 0;
            if (order >= 0)
                break;
        }

        return low;
    }
}
