using System.Collections;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache;

/// <summary>
/// The rows of a query as they are read, in bounded memory. Can be enumerated once; <see cref="Next"/> is known when that has ended.
/// Belongs to its reader and ends with it.
/// </summary>
public sealed class TaskListing : IEnumerable<TaskRow>
{
    private readonly TaskSnapshot _snapshot;
    private readonly TaskQuery _query;
    private readonly TaskFilter _filter;
    private readonly TaskLine? _after;
    private readonly Lazy<long> _total;
    private bool _isStarted;
    private bool _isEnded;
    private string? _next;

    internal TaskListing(TaskSnapshot snapshot, TaskQuery query, TaskLine? after)
    {
        _snapshot = snapshot;
        _query = query;
        _filter = new TaskFilter(query);
        _after = after;
        _total = new Lazy<long>(() => snapshot.Count(_filter));
    }

    /// <summary>How many tasks match in all.</summary>
    public long Total => _total.Value;

    /// <summary>Continues the list, as <see cref="TaskQuery.After"/>; null when it ended.</summary>
    public string? Next => _isEnded ? _next : throw new InvalidOperationException("The continuation is known when all rows have been read.");

    /// <inheritdoc/>
    public IEnumerator<TaskRow> GetEnumerator()
    {
        if (_isStarted)
            throw new InvalidOperationException("The rows of a query can be read once.");
        _isStarted = true;
        return Rows();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerator<TaskRow> Rows()
    {
        long skip = _query.Start;
        long left = _query.Limit == 0 ? long.MaxValue : _query.Limit;
        string? last = null;
        foreach (Segment segment in Wanted())
        {
            // Behind a full page only one more task is looked for: it says that the list goes on.
            if (_after is null && skip > 0 && segment.Count(_filter) is var count && count <= skip)
            {
                skip -= count;
                continue;
            }

            using var reader = new SegmentReader(segment, _filter);
            if (_after is { } after)
                reader.SkipBehind(after);
            skip -= reader.Skip(skip);
            while (left > 0 && reader.TryRead(out TaskLine line))
            {
                left--;
                var row = new TaskRow(line);
                last = row.Upid;
                yield return row;
            }

            if (left == 0 && reader.TryRead(out _))
            {
                _next = last;
                break;
            }
        }

        _isEnded = true;
    }

    /// <summary>The segments from the one with the continuation on.</summary>
    private IEnumerable<Segment> Wanted() =>
        _after is { } after && _snapshot.Archives.Count > 0 ? _snapshot.Segments.Skip(_snapshot.List.OwnerOf(after.StartTime)) : _snapshot.Segments;
}
