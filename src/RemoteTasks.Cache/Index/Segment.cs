using System.Collections.Concurrent;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Query;

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

    // Filters asked of the lines over the archive before; whoever pages or looks again asks the same.
    private const int AnswersMax = 64;
    private const int AnswerLinesMax = 16_384;

    private readonly ConcurrentDictionary<FilterKey, int[]> _answers = [];

    /// <summary>Where its time begins; what is older belongs to the next.</summary>
    internal required long Begin { get; init; }

    /// <summary>The first second behind its time.</summary>
    internal required long End { get; init; }

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
    internal long Count(TaskFilter filter)
    {
        if (IsOutside(filter))
            return 0;
        long count = MatchOver(filter).Length;
        if (Archive is null || Archive.Columns.IsNone(filter))
            return count;
        if (filter.NeedsUpid)
            return count + Match(filter).Count();
        (int from, int to) = Range(filter);
        count += Archive.Columns.Count(filter, from, to);
        return Dead.Length == 0 ? count : count - Dead.Count(row => row >= from && row < to && Archive.Columns.Matches(filter, row));
    }

    /// <summary>Whether it can be told at once that nothing here matches.</summary>
    internal bool IsNone(TaskFilter filter) =>
        IsOutside(filter) || ((Archive is null || Archive.Columns.IsNone(filter)) && MatchOver(filter).Length == 0);

    /// <summary>Whether none of its time is in the filter's.</summary>
    internal bool IsOutside(TaskFilter filter) => filter.Query.Until < Begin || filter.Query.Since >= End;

    /// <summary>The lines over the archive that match, by their place among them.</summary>
    internal ReadOnlySpan<int> MatchOver(TaskFilter filter)
    {
        if (Over.Count == 0)
            return [];
        if (!_answers.TryGetValue(filter.Key, out int[]? all))
        {
            all = [.. Enumerable.Range(0, Over.Count).Where(i => filter.MatchesAtAnyTime(Over[i]))];
            if (_answers.Count >= AnswersMax)
                _answers.Clear();
            if (Over.Count <= AnswerLinesMax)
                _answers[filter.Key] = all;
        }

        int from = 0;
        int to = all.Length;
        while (from < to && Over[all[from]].StartTime > filter.Query.Until)
            from++;
        while (from < to && Over[all[to - 1]].StartTime < filter.Query.Since)
            to--;
        return all.AsSpan(from, to - from);
    }

    /// <summary>The archive's rows that match, in the filter's times.</summary>
    internal RowSet Match(TaskFilter filter)
    {
        (int from, int to) = Range(filter);
        return Match(filter, from, to);
    }

    /// <summary>The archive's rows from one on and below another that match; both in the filter's times.</summary>
    internal RowSet Match(TaskFilter filter, int from, int to)
    {
        RowSet rows = Archive!.Columns.Match(Archive.Columns.Plan(filter), from, to);
        int dead = Array.BinarySearch(Dead, from);
        for (dead = dead < 0 ? ~dead : dead; dead < Dead.Length && Dead[dead] < to; dead++)
            rows.Clear(Dead[dead]);
        if (filter.NeedsUpid)
            Confirm(rows, filter);
        return rows;
    }

    /// <summary>The archive's rows that are in the filter's times: the first, and the first behind them.</summary>
    internal (int From, int To) Range(TaskFilter filter)
    {
        ArchiveColumns columns = Archive!.Columns;
        int from = filter.Query.Until is { } until && until < columns.Newest ? Math.Max(From, columns.FirstNotAfter(until)) : From;
        int to = filter.Query.Since is { } since && since > columns.Oldest ? Math.Min(To, columns.FirstNotAfter(since - 1)) : To;
        return (from, Math.Max(from, to));
    }

    /// <summary>Looks at each UPID as a whole.</summary>
    private void Confirm(RowSet rows, TaskFilter filter)
    {
        using var reader = new RowReader(Archive!);
        for (int row = rows.NextFrom(rows.Base); row < rows.To; row = rows.NextFrom(row + 1))
        {
            if (!filter.MatchesUpid(reader.View(row).Upid.Span))
                rows.Clear(row);
        }
    }
}
