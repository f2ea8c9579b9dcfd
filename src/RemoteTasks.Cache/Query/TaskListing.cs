using System.Collections;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache;

/// <summary>
/// The rows of a query as they are read, in bounded memory. Can be enumerated once; <see cref="Total"/> and <see cref="Next"/> are
/// known when the enumeration has ended. Belongs to its reader and ends with it.
/// </summary>
public sealed class TaskListing : IEnumerable<TaskRow>
{
    private readonly LineSource _source;
    private readonly TaskQuery _query;
    private readonly TaskFilter _filter;
    private readonly TaskLine? _after;
    private bool _isStarted;
    private bool _isEnded;
    private long _total;
    private string? _next;

    internal TaskListing(LineSource source, TaskQuery query, TaskLine? after)
    {
        _source = source;
        _query = query;
        _filter = new TaskFilter(query);
        _after = after;
    }

    /// <summary>How many tasks match in all.</summary>
    public long Total => _isEnded ? _total : throw new InvalidOperationException("The total is known when all rows have been read.");

    /// <summary>Continues the list, as <see cref="TaskQuery.After"/>; null when it ended.</summary>
    public string? Next => _isEnded ? _next : throw new InvalidOperationException("The continuation is known when all rows have been read.");

    /// <inheritdoc/>
    public IEnumerator<TaskRow> GetEnumerator()
    {
        if (_isStarted)
            throw new InvalidOperationException("A stream of tasks can be read once.");
        _isStarted = true;
        return Rows();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerator<TaskRow> Rows()
    {
        using LineSource source = _source;
        if (_query.Until is { } until)
            source.SkipTo(until);
        long behind = 0;
        long given = 0;
        string? last = null;
        while (source.MoveNext() && !(source.Current.StartTime < _query.Since))
        {
            if (!_filter.Matches(source.Current))
                continue;
            _total++;
            if (_after is { } after && TaskLine.Compare(source.Current, after) <= 0)
                continue;
            if (++behind <= _query.Start || (_query.Limit > 0 && given == _query.Limit))
                continue;

            given++;
            var row = new TaskRow(source.Current);
            last = row.Upid;
            yield return row;
        }

        _next = behind > _query.Start + given ? last : null;
        _isEnded = true;
    }
}
