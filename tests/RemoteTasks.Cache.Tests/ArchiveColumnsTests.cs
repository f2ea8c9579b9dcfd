using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Query;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>An archive's columns, asked as a whole and in part, against plain loops over its lines.</summary>
public sealed class ArchiveColumnsTests
{
    private const int Rows = 700;
    private const long Now = 1_782_900_000;

    private readonly Random _random = new(7);
    private readonly TaskLine[] _lines;
    private readonly CountedSource _source;
    private readonly ByteCache<PartKey, object> _parts = new(1 << 20);
    private readonly ArchiveColumns _columns;

    public ArchiveColumnsTests()
    {
        var generator = new TaskGenerator(_random, Now);
        _lines = [.. Enumerable.Range(0, 2 * Rows).Select(_ => generator.Task(isRunning: false)).DistinctBy(task => task.Upid).Take(Rows).Select(Line).Order(JournalSnapshot.Order)];
        Assert.Equal(Rows, _lines.Length);
        _source = new CountedSource(IndexOf(_lines));
        _columns = new ArchiveColumns(Rows, _source, _parts);
    }

    // Invariants checked: for random filters, of the whole archive and of any span of it, asked once and again, with memory and without, the rows that
    // match are those that match one by one.
    [Fact]
    public void Rows_that_match_are_those_that_match_one_by_one()
    {
        var generator = new TaskGenerator(_random, Now);
        int nonTrivial = 0;
        TaskQuery[] texts = [.. ((string[])["a", "o", "1", "e", "a.b_c", "node-3", "@pve", "ct/101"]).Select(text => new TaskQuery { Text = text })];
        for (int i = 0; i < 300; i++)
        {
            var filter = new TaskFilter(i < texts.Length ? texts[i] : generator.Query());
            if (filter.NeedsUpid)
                continue;
            int[] expected = [.. Enumerable.Range(0, Rows).Where(row => filter.MatchesAtAnyTime(_lines[row]))];
            nonTrivial += expected.Length is > 0 and < Rows ? 1 : 0;
            Assert.Equal(expected.Length, _columns.Count(filter, 0, Rows));
            Assert.Equal(expected.Length, _columns.Count(filter, 0, Rows));
            Assert.Equal(expected, Enumerable.Range(0, Rows).Where(row => _columns.Matches(filter, row)));
            Assert.False(_columns.IsNone(filter) && expected.Length > 0);
            int from = _random.Next(Rows + 1);
            int to = _random.Next(Rows + 1);
            int[] within = [.. expected.Where(row => row >= from && row < to)];
            Assert.Equal(within.Length, _columns.Count(filter, from, to));
            Assert.Equal(expected.Count(row => row < to), _columns.Count(filter, 0, to));
            Assert.Equal(expected.Count(row => row >= from), _columns.Count(filter, from, Rows));
            if (from <= to)
                Assert.Equal(within, RowsOf(_columns.Match(_columns.Plan(filter), from, to)));
            if (i % 50 == 0)
                _columns.Forget();
        }

        Assert.True(nonTrivial > 50, $"only {nonTrivial} filters let some through and some not");
    }

    [Fact]
    public void What_was_read_is_not_read_again_until_it_is_forgotten()
    {
        var other = new ArchiveColumns(Rows, _source, _parts);
        Assert.Same(_columns.Column(TaskColumn.Type), _columns.Column(TaskColumn.Type));
        Assert.Same(_columns.Dictionary(TaskColumn.Type), _columns.Dictionary(TaskColumn.Type));
        Assert.Equal((1, 1), (_source.ColumnsRead, _source.DictionariesRead));
        Assert.Same(_columns.CountsOf(TaskColumn.Type), _columns.CountsOf(TaskColumn.Type));
        var filter = new TaskFilter(new TaskQuery { Type = "vz" });
        Assert.Same(_columns.Plan(filter), _columns.Plan(new TaskFilter(new TaskQuery { Type = "vz", Since = 5, Limit = 1 })));
        Assert.NotSame(_columns.Plan(filter), _columns.Plan(new TaskFilter(new TaskQuery { Type = "start" })));
        other.Column(TaskColumn.Type);
        Assert.Equal(3, _source.ColumnsRead);

        _columns.Forget();
        other.Column(TaskColumn.Type);
        Assert.Equal(3, _source.ColumnsRead);
        _columns.Column(TaskColumn.Type);
        Assert.Equal(4, _source.ColumnsRead);

        // Whoever has it in memory hands it over.
        _columns.Keep(TaskColumn.User, _source.Column(TaskColumn.User));
        int before = _source.ColumnsRead;
        _columns.Column(TaskColumn.User);
        Assert.Equal(before, _source.ColumnsRead);
    }

    [Fact]
    public void The_first_and_the_last_start_are_known_without_looking_again()
    {
        Assert.Equal((_lines[0].StartTime, _lines[^1].StartTime), (_columns.Newest, _columns.Oldest));
        _columns.Forget();
        int before = _source.ColumnsRead;
        Assert.True(_columns.Spans(_columns.Newest) && _columns.Spans(_columns.Oldest) && _columns.Spans(_columns.Oldest + 1));
        Assert.False(_columns.Spans(_columns.Newest + 1) || _columns.Spans(_columns.Oldest - 1));
        Assert.Equal(before, _source.ColumnsRead);
        var none = new ArchiveColumns(0, IndexOf([]), _parts);
        Assert.Equal((long.MinValue, long.MaxValue, false), (none.Newest, none.Oldest, none.Spans(Now)));
        Assert.Equal(0, none.FirstNotAfter(Now));
        Assert.Equal(0, none.Count(new TaskFilter(new TaskQuery { Type = "vz" }), 0, 0));
        Assert.Equal(StatusClasses.Count, none.CountsOf(TaskColumn.Type).Length);
    }

    [Fact]
    public void The_first_row_that_is_not_after_a_time_is_found_from_anywhere_before_it()
    {
        uint[] starts = [.. Enumerable.Range(0, 200).Select(_ => (uint)_random.Next(60)).OrderDescending()];
        for (long time = -1; time < 62; time++)
        {
            int first = Array.FindIndex(starts, start => start <= time) is >= 0 and var found ? found : starts.Length;
            for (int from = 0; from <= first; from++)
                Assert.Equal(first, ArchiveColumns.FirstNotAfter(starts, time, from));
        }

        foreach (TaskLine line in _lines)
            Assert.Equal(_lines.TakeWhile(other => other.StartTime > line.StartTime).Count(), _columns.FirstNotAfter(line.StartTime));
    }

    [Fact]
    public void A_filter_looks_first_where_few_rows_are_left()
    {
        IndexDictionary Many(int count)
        {
            var dictionary = new IndexDictionary();
            for (int i = 0; i < count; i++)
                dictionary.IdOf([(byte)'e', (byte)'u', (byte)(i >> 8), (byte)i, 0, (byte)'n']);
            dictionary.IdOf("eone\0n"u8);
            return dictionary;
        }

        TaskColumn[] Order(TaskQuery query, int users, int types) => [.. FilterPlan.For(
            new TaskFilter(query), column => column == TaskColumn.User ? Many(users) : column == TaskColumn.Type ? Many(types) : Many(0)).All.Select(part => part.Column)];

        // Of few values one lets many rows through; what is not OK is few, whatever else it is.
        Assert.Equal([TaskColumn.Class, TaskColumn.User], Order(new TaskQuery { Errors = true, User = "one" }, users: 2, types: 1));
        Assert.Equal([TaskColumn.User, TaskColumn.Class], Order(new TaskQuery { Errors = true, User = "one" }, users: 999, types: 1));
        Assert.Equal([TaskColumn.User, TaskColumn.Class], Order(new TaskQuery { Statuses = [StatusClass.Ok], User = "one" }, users: 999, types: 1));
        Assert.Equal([TaskColumn.Class, TaskColumn.User], Order(new TaskQuery { Statuses = [StatusClass.Error], User = "one" }, users: 2, types: 1));
        Assert.Equal([TaskColumn.Type, TaskColumn.User], Order(new TaskQuery { User = "one", Type = "one" }, users: 3, types: 200));
        Assert.Equal([TaskColumn.User, TaskColumn.Type], Order(new TaskQuery { User = "one", Type = "one" }, users: 200, types: 3));
        Assert.Equal([TaskColumn.User, TaskColumn.Type], Order(new TaskQuery { User = "one", Type = "one" }, users: 200, types: 300));
    }

    [Fact]
    public void A_plan_knows_when_nothing_or_everything_matches_and_what_memory_it_takes()
    {
        FilterPlan Plan(TaskQuery query) => _columns.Plan(new TaskFilter(query));
        Assert.Equal((false, true), (Plan(new TaskQuery()).IsNone, Plan(new TaskQuery()).IsAll));
        Assert.Equal((true, false), (Plan(new TaskQuery { User = "nobody" }).IsNone, Plan(new TaskQuery { User = "nobody" }).IsAll));
        Assert.Equal((true, false), (Plan(new TaskQuery { Text = "nowhere" }).IsNone, Plan(new TaskQuery { Text = "nowhere" }).IsAll));
        Assert.Equal((false, true), (Plan(new TaskQuery { Text = "@pam" }).IsNone || Plan(new TaskQuery { Text = "@" }).IsNone, Plan(new TaskQuery { Text = "" }).IsAll));
        FilterPlan some = Plan(new TaskQuery { Text = "vz", User = "root", Errors = true });
        Assert.Equal((false, false, 2), (some.IsNone, some.IsAll, some.All.Count));
        int tables = some.All.Concat(some.Any!).Sum(part => part.Wanted.Table.Length);
        Assert.Equal(200 + tables + (100 * (some.All.Count + some.Any!.Count)), some.Bytes);

        // A text that is in every value of one column is in every row, wherever else it is.
        Assert.True(Plan(new TaskQuery { Text = "@" }).IsAll);
    }

    private static TaskLine Line(ModelTask task)
    {
        Assert.True(new LineParser().TryParse(new TaskRecord(task.Upid, task.Start, task.Status, task.End).ToLine(), out TaskLine line, out string? problem), problem);
        return line.Detach();
    }

    private static IndexData IndexOf(TaskLine[] lines)
    {
        var builder = new IndexBuilder();
        foreach (TaskLine line in lines)
            builder.Add(line);
        return builder.Build();
    }

    private static List<int> RowsOf(RowSet set)
    {
        var rows = new List<int>();
        for (int row = set.NextFrom(set.Base); row < set.To; row = set.NextFrom(row + 1))
            rows.Add(row);
        return rows;
    }

    /// <summary>Counts what is read, and gives out each time what was read anew.</summary>
    private sealed class CountedSource(IndexData data) : IColumnSource
    {
        internal int ColumnsRead { get; private set; }

        internal int DictionariesRead { get; private set; }

        public bool HasGoneBad => false;

        public ColumnData Column(TaskColumn column)
        {
            ColumnsRead++;
            return new ColumnData(data.Columns[(int)column].Bytes, data.Columns[(int)column].Width);
        }

        public IndexDictionary Dictionary(TaskColumn column)
        {
            DictionariesRead++;
            return data.Dictionaries[(int)column].Copy();
        }
    }
}
