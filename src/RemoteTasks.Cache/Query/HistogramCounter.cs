using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Query;

/// <summary>Counts what matches by start time and status class: archives by columns, whole runs of rows at a time, the lines over them one by one.</summary>
internal sealed class HistogramCounter(TaskFilter filter, int partsMax)
{
    // Lengths that people think in; from the last on whole multiples of it.
    private static readonly long[] Lengths =
    [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 2 * 86_400, 7 * 86_400,
    ];

    private long _from;
    private long _seconds;
    private long[] _counts = [];

    internal TaskHistogram Count(TaskSnapshot snapshot)
    {
        if (!TryFindTimes(snapshot, out long oldest, out long newest))
            return new TaskHistogram(0, 1, []);
        _seconds = LengthFor(oldest, newest);
        _from = Floor(oldest, _seconds);
        _counts = new long[(PartOf(newest) + 1) * StatusClasses.Count];
        foreach (Segment segment in snapshot.Segments)
        {
            if (segment.IsOutside(filter))
                continue;
            foreach (int i in segment.MatchOver(filter))
                Add(segment.Over[i]);
            if (segment.Archive is not null)
                Add(segment, segment.Archive.Columns);
        }

        var parts = new StatusCounts[_counts.Length / StatusClasses.Count];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Of(i);
        return new TaskHistogram(_from, _seconds, parts);
    }

    /// <summary>What is asked for, or, where that has no end, the ends of what there is, matching or not.</summary>
    private bool TryFindTimes(TaskSnapshot snapshot, out long oldest, out long newest)
    {
        oldest = long.MaxValue;
        newest = long.MinValue;
        foreach (Segment segment in snapshot.Segments)
        {
            if (segment.Archive is { } archive && segment.To > segment.From)
            {
                oldest = Math.Min(oldest, archive.Columns.StartOf(segment.To - 1));
                newest = Math.Max(newest, archive.Columns.StartOf(segment.From));
            }

            if (segment.Over.Count > 0)
            {
                oldest = Math.Min(oldest, segment.Over[^1].StartTime);
                newest = Math.Max(newest, segment.Over[0].StartTime);
            }
        }

        if (oldest > newest)
            return false;
        oldest = filter.Query.Since is { } since ? Math.Max(since, oldest) : oldest;
        newest = filter.Query.Until is { } until ? Math.Min(until, newest) : newest;
        return oldest <= newest;
    }

    private long LengthFor(long oldest, long newest)
    {
        foreach (long length in Lengths)
        {
            if (PartsOf(length) <= partsMax)
                return length;
        }

        long seconds = Lengths[^1];
        while (PartsOf(seconds) > partsMax)
            seconds += Lengths[^1] * Math.Max(1, ((newest - oldest) / partsMax / Lengths[^1]) - (seconds / Lengths[^1]));
        return seconds;

        long PartsOf(long length) => ((Floor(newest, length) - Floor(oldest, length)) / length) + 1;
    }

    private static long Floor(long time, long length) => time - (((time % length) + length) % length);

    private int PartOf(long time) => (int)((time - _from) / _seconds);

    private void Add(in TaskLine line) => _counts[(PartOf(line.StartTime) * StatusClasses.Count) + (int)line.Class]++;

    private void Add(Segment segment, ArchiveColumns columns)
    {
        FilterPlan plan = columns.Plan(filter);
        (int from, int to) = segment.Range(filter);
        if (plan.IsNone || from >= to)
            return;
        ReadOnlySpan<uint> starts = columns.Column(TaskColumn.Start).Bytes32;
        ReadOnlySpan<byte> classes = columns.Column(TaskColumn.Class).Bytes8;
        RowSet? rows = plan.IsAll && !filter.NeedsUpid ? null : segment.Match(filter);
        for (int row = from; row < to;)
        {
            // Newest first: the part's rows end where those begin that are older than it.
            int part = PartOf(starts[row]);
            int end = Math.Min(to, ArchiveColumns.FirstNotAfter(starts, _from + (part * _seconds) - 1, row));
            Span<long> counts = _counts.AsSpan(part * StatusClasses.Count, StatusClasses.Count);
            if (rows is null)
                AddAll(classes[row..end], counts);
            else
                Add(rows, row, end, classes, counts);
            row = end;
        }

        if (rows is not null)
            return;
        foreach (int dead in segment.Dead)
        {
            if (dead >= from && dead < to)
                _counts[(PartOf(starts[dead]) * StatusClasses.Count) + classes[dead]]--;
        }
    }

    private static void AddAll(ReadOnlySpan<byte> classes, Span<long> counts)
    {
        for (int i = 0; i < StatusClasses.Count; i++)
            counts[i] += classes.Count((byte)i);
    }

    private static void Add(RowSet rows, int from, int to, ReadOnlySpan<byte> classes, Span<long> counts)
    {
        for (int row = rows.NextFrom(from); row < to; row = rows.NextFrom(row + 1))
            counts[classes[row]]++;
    }

    private StatusCounts Of(int part) => StatusCounts.Of(_counts.AsSpan(part * StatusClasses.Count, StatusClasses.Count));
}
