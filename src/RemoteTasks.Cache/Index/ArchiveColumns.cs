using System.Collections.Concurrent;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// The rows of one archive as columns: answers which rows match, how many, and where a start time lies, without touching a line.
/// Immutable but for what it remembers; safe to use from several threads.
/// </summary>
/// <param name="rows">How many there are.</param>
/// <param name="source">Where columns and dictionaries come from; asked again when they were dropped.</param>
/// <param name="parts">Keeps what was read or worked out, of all archives together, up to a number of bytes.</param>
internal sealed class ArchiveColumns(int rows, IColumnSource source, ByteCache<PartKey, object> parts)
{
    // Filters that were asked of the whole archive before: paging and polling ask the same again and again.
    private const int AnswersMax = 128;

    private readonly ConcurrentDictionary<FilterKey, Answer> _answers = [];

    // Remembered, since columns come and go.
    private Ends? _ends;

    internal int Rows => rows;

    internal ColumnData Column(TaskColumn column)
    {
        var key = new PartKey(this, PartKind.Column, (int)column, null);
        return parts.Find(key) as ColumnData ?? Keep(key, source.Column(column));
    }

    /// <summary>The values that a column has ids of; none where it has no ids.</summary>
    internal IndexDictionary Dictionary(TaskColumn column)
    {
        var key = new PartKey(this, PartKind.Dictionary, (int)column, null);
        if (parts.Find(key) is IndexDictionary known)
            return known;
        IndexDictionary dictionary = source.Dictionary(column);
        parts.Add(key, dictionary, dictionary.Bytes);
        return dictionary;
    }

    /// <summary>Whether something of it could no longer be read as it had been.</summary>
    internal bool HasGoneBad => source.HasGoneBad;

    /// <summary>Takes over a column that is in memory already.</summary>
    internal void Keep(TaskColumn column, ColumnData data) => Keep(new PartKey(this, PartKind.Column, (int)column, null), data);

    /// <summary>Gives all memory back; what is needed is read again.</summary>
    internal void Forget() => parts.RemoveWhere(key => key.Owner == this);

    /// <summary>All dictionaries, by <see cref="TaskColumn"/>.</summary>
    internal IndexDictionary[] Dictionaries() => [.. Enum.GetValues<TaskColumn>().Select(Dictionary)];

    /// <summary>All columns, by <see cref="TaskColumn"/>, for one who goes through every row.</summary>
    internal ColumnData[] All() => [.. Enum.GetValues<TaskColumn>().Select(Column)];

    internal long StartOf(int row) => Column(TaskColumn.Start).Bytes32[row];

    /// <summary>The newest start; the least there is when there are no rows.</summary>
    internal long Newest => (_ends ??= FindEnds()).Newest;

    /// <summary>The oldest start; the most there is when there are no rows.</summary>
    internal long Oldest => (_ends ??= FindEnds()).Oldest;

    /// <summary>Whether a time is neither after the newest start nor before the oldest; quicker than to look for it.</summary>
    internal bool Spans(long time) => time <= Newest && time >= Oldest;

    /// <summary>The first row that did not begin after a time; <see cref="Rows"/> when all did.</summary>
    internal int FirstNotAfter(long time) => FirstNotAfter(Column(TaskColumn.Start).Bytes32, time, 0);

    /// <summary>The first row, from one on, that did not begin after a time. Quick when it is near.</summary>
    internal static int FirstNotAfter(ReadOnlySpan<uint> starts, long time, int from)
    {
        int low = from;
        int high = from;
        for (int step = 1; high < starts.Length && starts[high] > time; step *= 2)
        {
            low = high + 1;
            high += step;
        }

        high = Math.Min(high, starts.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (starts[middle] > time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>How a filter is asked of this archive.</summary>
    internal FilterPlan Plan(TaskFilter filter)
    {
        var key = new PartKey(this, PartKind.Plan, 0, filter.Key);
        if (parts.Find(key) is FilterPlan known)
            return known;
        FilterPlan plan = FilterPlan.For(filter, Dictionary);
        parts.Add(key, plan, plan.Bytes);
        return plan;
    }

    /// <summary>Whether it is known that no row matches a filter, whatever its times.</summary>
    internal bool IsNone(TaskFilter filter) => AnswerTo(filter).IsNone;

    /// <summary>How many rows from one on and below another match.</summary>
    internal int Count(TaskFilter filter, int from, int to)
    {
        Answer answer = AnswerTo(filter);
        if (answer.IsNone || from >= to)
            return 0;
        if (answer.IsAll)
            return to - from;
        if (from != 0 || to != rows)
            return Match(Plan(filter), from, to).Count();
        return answer.Count ??= CountFromTable(Plan(filter)) ?? Match(Plan(filter), from, to).Count();
    }

    /// <summary>Whether a single row matches, but for times.</summary>
    internal bool Matches(TaskFilter filter, int row)
    {
        FilterPlan plan = Plan(filter);
        return !plan.IsNone
            && plan.All.All(part => part.Wanted.Contains((int)Column(part.Column)[row]))
            && plan.Any?.Any(part => part.Wanted.Contains((int)Column(part.Column)[row])) != false;
    }

    /// <summary>The rows from one on and below another that match.</summary>
    internal RowSet Match(FilterPlan plan, int from, int to)
    {
        var found = new RowSet(from, to);
        if (plan.IsNone || from >= to)
            return found;
        if (plan.All.Count == 0)
            found.SetRange(from, to);
        else
            ColumnScan.Find(Column(plan.All[0].Column), plan.All[0].Wanted, from, to, found);
        foreach ((TaskColumn column, IdSet wanted) in plan.All.Skip(1))
            ColumnScan.Keep(Column(column), wanted, found);
        return plan.Any is null ? found : WithAny(found, plan.Any);
    }

    /// <summary>How many rows have an id of a column and a status class: <c>[id * classes + class]</c>.</summary>
    internal int[] CountsOf(TaskColumn column)
    {
        var key = new PartKey(this, PartKind.Counts, (int)column, null);
        if (parts.Find(key) is int[] known)
            return known;
        ColumnData ids = Column(column);
        ReadOnlySpan<byte> classes = Column(TaskColumn.Class).Bytes8;
        int[] counts = new int[Math.Max(1, Dictionary(column).Count) * StatusClasses.Count];
        for (int row = 0; row < rows; row++)
            counts[(ids[row] * StatusClasses.Count) + classes[row]]++;
        parts.Add(key, counts, counts.Length * 4L);
        return counts;
    }

    /// <summary>A filter on one column, and perhaps the status class, is answered by counts made once.</summary>
    private int? CountFromTable(FilterPlan plan)
    {
        if (plan.Any is not null || plan.All.Count(part => part.Column != TaskColumn.Class) > 1)
            return null;
        (TaskColumn column, IdSet? wanted) = plan.All.FirstOrDefault(part => part.Column != TaskColumn.Class, (TaskColumn.Type, null!));
        IdSet? classes = plan.All.FirstOrDefault(part => part.Column == TaskColumn.Class).Wanted;
        int[] counts = CountsOf(column);
        int total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if ((wanted is null || wanted.Contains(i / StatusClasses.Count)) && (classes is null || classes.Contains(i % StatusClasses.Count)))
                total += counts[i];
        }

        return total;
    }

    /// <summary>The rows that have a wanted id in one of some columns.</summary>
    private RowSet WithAny(RowSet rowsBefore, IReadOnlyList<(TaskColumn Column, IdSet Wanted)> parts)
    {
        var found = new RowSet(rowsBefore.Base, rowsBefore.To);
        foreach ((TaskColumn column, IdSet wanted) in parts)
        {
            RowSet some = rowsBefore.Copy();
            ColumnScan.Keep(Column(column), wanted, some);
            found.Or(some);
        }

        return found;
    }

    private Ends FindEnds()
    {
        if (rows == 0)
            return new Ends(long.MinValue, long.MaxValue);
        ReadOnlySpan<uint> starts = Column(TaskColumn.Start).Bytes32;
        return new Ends(starts[0], starts[^1]);
    }

    private Answer AnswerTo(TaskFilter filter)
    {
        if (_answers.TryGetValue(filter.Key, out Answer? known))
            return known;
        if (_answers.Count >= AnswersMax)
            _answers.Clear();
        FilterPlan plan = Plan(filter);
        return _answers[filter.Key] = new Answer(plan.IsNone, plan.IsAll);
    }

    private ColumnData Keep(PartKey key, ColumnData data)
    {
        parts.Add(key, data, data.Bytes.Length + 100);
        return data;
    }

    private sealed record Ends(long Newest, long Oldest);

    private sealed class Answer(bool isNone, bool isAll)
    {
        internal bool IsNone => isNone;

        internal bool IsAll => isAll;

        internal int? Count { get; set; }
    }
}

/// <summary>Where the columns of an archive come from.</summary>
internal interface IColumnSource
{
    /// <summary>Whether something could no longer be read as it had been.</summary>
    bool HasGoneBad { get; }

    /// <summary>A column; read anew each time, or always the same.</summary>
    ColumnData Column(TaskColumn column);

    /// <summary>A column's dictionary, empty where it has none.</summary>
    IndexDictionary Dictionary(TaskColumn column);
}

/// <summary>Something that is kept of an archive's columns.</summary>
internal readonly record struct PartKey(ArchiveColumns Owner, PartKind Kind, int Column, FilterKey? Filter)
{
    public override int GetHashCode() => (Owner.GetHashCode() * 64) + ((int)Kind * 16) + Column + (Filter?.GetHashCode() ?? 0);
}

/// <summary>What is kept.</summary>
internal enum PartKind
{
    Column,
    Dictionary,
    Counts,
    Plan,
}
