using System.Collections.Concurrent;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// The rows of one archive as columns: answers which rows match, how many, and where a start time lies, without touching a line.
/// Immutable but for what it remembers; safe to use from several threads.
/// </summary>
/// <param name="rows">How many there are.</param>
/// <param name="dictionaries">By <see cref="TaskColumn"/>.</param>
/// <param name="load">Gives a column; may be called again when it was dropped.</param>
internal sealed class ArchiveColumns(int rows, IndexDictionary[] dictionaries, Func<TaskColumn, ColumnData> load)
{
    // Filters that were asked of the whole archive before: paging and polling ask the same again and again.
    private const int AnswersMax = 512;

    private readonly int[]?[] _counts = new int[]?[TaskColumns.Count];
    private readonly ConcurrentDictionary<FilterKey, Answer> _answers = [];

    // Remembered, since columns come and go.
    private readonly Lazy<(long Newest, long Oldest)> _ends = new(() =>
    {
        if (rows == 0)
            return (long.MinValue, long.MaxValue);
        ReadOnlySpan<uint> starts = load(TaskColumn.Start).Bytes32;
        return (starts[0], starts[^1]);
    });

    internal int Rows => rows;

    internal IndexDictionary[] Dictionaries => dictionaries;

    internal ColumnData Column(TaskColumn column) => load(column);

    /// <summary>All columns, by <see cref="TaskColumn"/>, for one who goes through every row.</summary>
    internal ColumnData[] All() => [.. Enum.GetValues<TaskColumn>().Select(Column)];

    internal long StartOf(int row) => Column(TaskColumn.Start).Bytes32[row];

    /// <summary>The newest start; the least there is when there are no rows.</summary>
    internal long Newest => _ends.Value.Newest;

    /// <summary>The oldest start; the most there is when there are no rows.</summary>
    internal long Oldest => _ends.Value.Oldest;

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
    internal FilterPlan Plan(TaskFilter filter) => AnswerTo(filter).Plan;

    /// <summary>How many rows from one on and below another match.</summary>
    internal int Count(TaskFilter filter, int from, int to)
    {
        Answer answer = AnswerTo(filter);
        if (answer.Plan.IsNone || from >= to)
            return 0;
        if (answer.Plan.IsAll)
            return to - from;
        if (from != 0 || to != rows)
            return Match(answer.Plan, from, to).Count();
        return answer.Count ??= CountFromTable(answer.Plan) ?? Match(answer.Plan, from, to).Count();
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
        if (plan.IsAll)
        {
            found.SetRange(from, to);
            return found;
        }

        IEnumerable<(TaskColumn Column, IdSet Wanted)> others = plan.All;
        if (plan.All.Count == 0)
        {
            found.SetRange(from, to);
        }
        else
        {
            ColumnScan.Find(Column(plan.All[0].Column), plan.All[0].Wanted, from, to, found);
            others = plan.All.Skip(1);
        }

        foreach ((TaskColumn column, IdSet wanted) in others)
            ColumnScan.Keep(Column(column), wanted, found);
        return plan.Any is null ? found : WithAny(found, plan.Any);
    }

    /// <summary>How many rows have an id of a column and a status class: <c>[id * classes + class]</c>.</summary>
    internal int[] CountsOf(TaskColumn column)
    {
        if (_counts[(int)column] is { } known)
            return known;
        ColumnData ids = Column(column);
        ReadOnlySpan<byte> classes = Column(TaskColumn.Class).Bytes8;
        int[] counts = new int[Math.Max(1, dictionaries[(int)column].Count) * StatusClasses.Count];
        for (int row = 0; row < rows; row++)
            counts[(ids[row] * StatusClasses.Count) + classes[row]]++;
        return _counts[(int)column] = counts;
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

    private Answer AnswerTo(TaskFilter filter)
    {
        if (_answers.TryGetValue(filter.Key, out Answer? known))
            return known;
        if (_answers.Count >= AnswersMax)
            _answers.Clear();
        return _answers[filter.Key] = new Answer(FilterPlan.For(filter, dictionaries));
    }

    private sealed class Answer(FilterPlan plan)
    {
        internal FilterPlan Plan { get; } = plan;

        internal int? Count { get; set; }
    }
}
