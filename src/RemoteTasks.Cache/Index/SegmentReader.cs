using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>The matching tasks of a segment in the one order: rows of the archive and lines over it, merged. Goes forward only.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly Segment _segment;
    private readonly RowSet _rows;
    private readonly List<int> _over = [];
    private readonly RowReader? _reader;
    private int _row;
    private int _next;
    private int _nextRow = -1;

    internal SegmentReader(Segment segment, TaskFilter filter)
    {
        _segment = segment;
        _rows = segment.Match(filter);
        _reader = segment.Archive is null ? null : new RowReader(segment.Archive);
        ReadOnlySpan<TaskLine> over = segment.Over;
        for (int i = 0; i < over.Length; i++)
        {
            if (filter.Matches(over[i]))
                _over.Add(i);
        }

        _row = _rows.NextFrom(0);
    }

    /// <summary>Goes behind a task, wherever it is or would be.</summary>
    internal void SkipBehind(in TaskLine key)
    {
        while (_next < _over.Count && TaskLine.Compare(_segment.Over.AsSpan()[_over[_next]], key) <= 0)
            _next++;
        if (_segment.Archive is null)
            return;
        int row = ArchiveSearch.RowOf(_segment.Archive, key, out bool isThere);
        _row = _rows.NextFrom(Math.Max(_row, isThere ? row + 1 : row));
        _nextRow = -1;
    }

    /// <summary>Passes over tasks; how many of them there were.</summary>
    internal long Skip(long count)
    {
        long left = count;
        while (left > 0)
        {
            int until = NextOverRow();
            int before = _rows.CountRange(_row, until);
            if (left < before)
            {
                _row = _rows.Skip(_row, left);
                return count;
            }

            left -= before;
            _row = _rows.NextFrom(Math.Max(_row, until));
            if (_next == _over.Count)
                return count - left;
            if (left > 0)
            {
                left--;
                _next++;
                _nextRow = -1;
            }
        }

        return count;
    }

    /// <summary>Whether there are tasks left.</summary>
    internal bool HasMore => _row < _rows.Rows || _next < _over.Count;

    /// <summary>The next task; valid until the next call.</summary>
    internal bool TryRead(out TaskLine line)
    {
        while (_row < _rows.Rows && (_next == _over.Count || _row < NextOverRow()))
        {
            int row = _row;
            _row = _rows.NextFrom(row + 1);
            if (_reader!.TryView(row, out line))
                return true;
        }

        line = _next < _over.Count ? _segment.Over.AsSpan()[_over[_next]] : default;
        if (_next == _over.Count)
            return false;
        _next++;
        _nextRow = -1;
        return true;
    }

    public void Dispose() => _reader?.Dispose();

    /// <summary>The archive's row before which the next line over it stands.</summary>
    private int NextOverRow()
    {
        if (_next == _over.Count || _segment.Archive is null)
            return _rows.Rows;
        if (_nextRow < 0)
            _nextRow = _segment.PlaceOf(_over[_next]);
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
            if (!reader.TryView(middle, out TaskLine line))
                return low;
            int order = TaskLine.Compare(line, key);
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
        int low = archive.Columns.FirstNotAfter(key.StartTime);
        int high = archive.Columns.FirstNotAfter(key.StartTime - 1);
        if (low == high)
            return false;
        return archive.Columns.Column(TaskColumn.Serial).Bytes32[low..high].Contains(IndexBuilder.SerialOf(key.Fields));
    }

    private static int Forward(RowReader reader, int low, int high, in TaskLine key, out bool isThere)
    {
        isThere = false;
        for (; low < high && reader.TryRead(low, out TaskLine line); low++)
        {
            int order = TaskLine.Compare(line, key);
            isThere = order == 0;
            if (order >= 0)
                break;
        }

        return low;
    }
}
