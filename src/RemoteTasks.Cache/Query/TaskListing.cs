using System.Collections;
using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache;

/// <summary>
/// The rows of a query as they are read, in bounded memory: as bytes by <see cref="MoveNext"/> and <see cref="Current"/>, without allocating
/// anything for a row, or as objects by enumerating. Goes forward once; <see cref="Next"/> is known when the rows have ended. Belongs to its
/// reader and ends with it.
/// </summary>
public sealed class TaskListing : IEnumerable<TaskRow>, IDisposable
{
    private readonly TaskSnapshot _snapshot;
    private readonly TaskQuery _query;
    private readonly TaskFilter _filter;
    private readonly TaskLine? _after;
    private readonly Late<long> _total;
    private int _segment;
    private SegmentReader? _reader;
    private TaskLine _line;
    private long _skip;
    private long _left;
    private bool _isEnumerated;
    private bool _isEnded;
    private string? _next;

    internal TaskListing(TaskSnapshot snapshot, TaskQuery query, TaskLine? after)
    {
        _snapshot = snapshot;
        _query = query;
        _filter = new TaskFilter(query);
        _after = after;
        _total = new Late<long>(() => snapshot.Count(_filter));
        _skip = query.Start;
        _left = query.Limit == 0 ? long.MaxValue : query.Limit;
        if (after is { } key && snapshot.Archives.Count > 0)
            _segment = snapshot.List.OwnerOf(key.StartTime);
    }

    /// <summary>How many tasks match in all.</summary>
    public long Total => _total.Value;

    /// <summary>Continues the list, as <see cref="TaskQuery.After"/>; null when it ended.</summary>
    public string? Next => _isEnded ? _next : throw new InvalidOperationException("The continuation is known when all rows have been read.");

    /// <summary>The row it stands on, valid until the next move.</summary>
    public TaskView Current => new(in _line);

    /// <summary>Goes to the next row; false when the page is full or the list has ended.</summary>
    public bool MoveNext()
    {
        if (_isEnded)
            return false;
        if (_left == 0)
        {
            // The row's memory may be another's as soon as anything else is read.
            string last = Encoding.UTF8.GetString(_line.Upid.Span);
            _next = HasMore() ? last : null;
        }
        else
        {
            while (_reader is not null || OpenNext())
            {
                if (_reader!.TryRead(out _line))
                {
                    _left--;
                    return true;
                }

                Close();
            }
        }

        _isEnded = true;
        Dispose();
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<TaskRow> GetEnumerator()
    {
        if (_isEnumerated)
            throw new InvalidOperationException("The rows of a query can be read once.");
        _isEnumerated = true;
        return Rows();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Lets go of what it reads from; enumerating to the end does it too.</summary>
    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private IEnumerator<TaskRow> Rows()
    {
        try
        {
            while (MoveNext())
                yield return Current.ToRow();
        }
        finally
        {
            Dispose();
        }
    }

    private bool HasMore()
    {
        if (_reader?.HasMore == true)
            return true;
        for (int next = _reader is null ? _segment : _segment + 1; next < _snapshot.Segments.Count; next++)
        {
            if (_snapshot.Segments[next].Count(_filter) > 0)
                return true;
        }

        return false;
    }

    /// <summary>Goes to the next segment that has rows of the page, and over those that are passed over.</summary>
    private bool OpenNext()
    {
        for (; _segment < _snapshot.Segments.Count; _segment++)
        {
            Segment segment = _snapshot.Segments[_segment];
            if (segment.IsNone(_filter))
                continue;
            if (_after is null && _skip > 0 && segment.Count(_filter) is var count && count <= _skip)
            {
                _skip -= count;
                continue;
            }

            _reader = new SegmentReader(segment, _filter);
            if (_after is { } after)
                _reader.SkipBehind(after);
            _skip -= _reader.Skip(_skip);
            return true;
        }

        return false;
    }

    private void Close()
    {
        Dispose();
        _segment++;
    }
}
