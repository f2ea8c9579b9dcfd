using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// The tasks that belong to one archive by their start time: the archive's rows in its range, but for those of which there is a later
/// version, and the lines that lie over it: from the journal, the running list, or astray in another file.
/// </summary>
/// <param name="Archive">Null when there is no archive at all.</param>
/// <param name="From">First row in the range.</param>
/// <param name="To">First row behind it.</param>
/// <param name="Dead">Rows that count no more, ascending.</param>
internal sealed record Segment(ArchiveIndex? Archive, int From, int To, int[] Dead)
{
    /// <summary>A place that nobody asked for yet.</summary>
    internal const int Unknown = -1;

    /// <summary>Lines over the archive, in the one order.</summary>
    internal required ArraySegment<TaskLine> Over { get; init; }

    /// <summary>Before which row each of them stands, remembered; to be had by <see cref="PlaceOf"/>.</summary>
    internal required ArraySegment<int> Places { get; init; }

    /// <summary>Before which row of the archive a line over it stands, or which it replaces.</summary>
    internal int PlaceOf(int over)
    {
        // Whoever finds it out at the same time finds the same.
        Span<int> places = Places;
        if (places[over] == Unknown)
            places[over] = ArchiveSearch.RowOf(Archive!, Over[over], out _);
        return places[over];
    }

    /// <summary>How many tasks match.</summary>
    internal long Count(Query.TaskFilter filter)
    {
        long count = 0;
        foreach (TaskLine line in Over)
        {
            if (filter.Matches(line))
                count++;
        }

        if (Archive is null || Archive.Columns.Plan(filter).IsNone)
            return count;
        (int from, int to) = Range(filter);
        if (filter.NeedsUpid)
            return count + Match(filter).Count();
        count += Archive.Columns.Count(filter, from, to);
        FilterPlan plan = Archive.Columns.Plan(filter);
        foreach (int row in Dead)
        {
            if (row >= from && row < to && Archive.Columns.Matches(plan, row))
                count--;
        }

        return count;
    }

    /// <summary>Whether it can be told at once that nothing here matches.</summary>
    internal bool IsNone(Query.TaskFilter filter) => Over.Count == 0 && (Archive is null || Archive.Columns.Plan(filter).IsNone);

    /// <summary>The archive's rows that match.</summary>
    internal RowSet Match(Query.TaskFilter filter)
    {
        if (Archive is null)
            return new RowSet(0);
        (int from, int to) = Range(filter);
        RowSet rows = Archive.Columns.Match(Archive.Columns.Plan(filter), from, to);
        foreach (int row in Dead)
            rows.Clear(row);
        if (filter.NeedsUpid)
            Confirm(rows, filter);
        return rows;
    }

    /// <summary>The archive's rows that are in the filter's times: the first, and the first behind them.</summary>
    internal (int From, int To) Range(Query.TaskFilter filter)
    {
        int from = filter.Query.Until is { } until ? Math.Max(From, Archive!.Columns.FirstNotAfter(until)) : From;
        int to = filter.Query.Since is { } since ? Math.Min(To, Archive!.Columns.FirstNotAfter(since - 1)) : To;
        return (from, Math.Max(from, to));
    }

    /// <summary>Looks at each UPID as a whole.</summary>
    private void Confirm(RowSet rows, Query.TaskFilter filter)
    {
        using var reader = new RowReader(Archive!);
        for (int row = rows.NextFrom(0); row < rows.Rows; row = rows.NextFrom(row + 1))
        {
            if (!reader.TryView(row, out TaskLine line) || !filter.MatchesUpid(line.Upid.Span))
                rows.Clear(row);
        }
    }
}
