using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Tasks;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class TaskWindowTests : IDisposable
{
    private const long Begin = 1_790_000_000;

    private readonly PageContext _context = new();
    private readonly TaskWindow _window;

    public TaskWindowTests()
    {
        _context.Write([.. Enumerable.Range(0, 500).Select(number => SomeTask.Record(Begin + number))]);
        _window = new TaskWindow(_context.Store, _context.Freshness);
        _window.Ask(new TaskQuery());
    }

    public void Dispose() => _context.Dispose();

    [Fact]
    public void At_the_top_new_rows_are_followed()
    {
        _context.Write(SomeTask.Record(Begin + 1000));
        Assert.True(_window.Refresh());
        Assert.Equal((0, 0, 501), (_window.First, _window.Shift, _window.Total));
        Assert.Equal(Begin + 1000, _window.Rows[0].StartTime);
        Assert.False(_window.Refresh());
    }

    [Fact]
    public void What_is_read_stays_while_rows_come_in_above_it()
    {
        _window.Show(80, 60, top: 100, shift: 0);
        string read = _window.Rows[20].Upid;
        _context.Write(SomeTask.Record(Begin + 1000), SomeTask.Record(Begin + 1001), SomeTask.Record(Begin + 450, number: 7));
        Assert.True(_window.Refresh());
        Assert.Equal((83, 3, 503), (_window.First, _window.Shift, _window.Total));
        Assert.Equal(read, _window.Rows[20].Upid);
    }

    [Fact]
    public void A_browser_that_has_not_heard_of_them_yet_gets_the_rows_it_means()
    {
        _window.Show(80, 60, top: 100, shift: 0);
        _context.Write(SomeTask.Record(Begin + 1000), SomeTask.Record(Begin + 1001));
        _window.Refresh();
        _window.Show(90, 60, top: 110, shift: 0);
        Assert.Equal(92, _window.First);
        _window.Show(90, 60, top: 110, shift: 2);
        Assert.Equal(90, _window.First);
        Assert.Equal(Begin + 499 - 88, _window.Rows[0].StartTime);
    }

    [Fact]
    public void Whoever_goes_to_the_top_gets_there_whatever_has_moved_meanwhile()
    {
        _window.Show(80, 60, top: 100, shift: 0);
        _context.Write(SomeTask.Record(Begin + 1000), SomeTask.Record(Begin + 1001));
        _window.Refresh();
        Assert.Equal(2, _window.Shift);
        _window.Show(0, 60, top: 0, shift: 0);
        Assert.Equal(0, _window.First);
        Assert.Equal(Begin + 1001, _window.Rows[0].StartTime);
    }

    [Fact]
    public void Rows_that_come_in_below_move_nothing()
    {
        _window.Show(80, 60, top: 100, shift: 0);
        string[] before = [.. _window.Rows.Take(40).Select(row => row.Upid)];
        _context.Write(SomeTask.Record(Begin + 5, number: 7));
        _window.Refresh();
        Assert.Equal((80, 0), (_window.First, _window.Shift));
        Assert.Equal(before, _window.Rows.Take(40).Select(row => row.Upid));
    }

    [Fact]
    public void Where_the_row_that_was_read_has_gone_the_one_below_it_is_read()
    {
        _context.Write([.. Enumerable.Range(0, 200).Select(number => SomeTask.Record(Begin + 2000 + number, took: null, status: null))]);
        _window.Ask(new TaskQuery { Scope = TaskScope.Running });
        _window.Show(80, 60, top: 100, shift: 0);
        string below = _window.Rows[21].Upid;

        // The one at the top ends, and so do two above it: they are no longer in the list of what runs.
        _context.Write(SomeTask.Record(_window.Rows[20].StartTime), SomeTask.Record(_window.Rows[3].StartTime), SomeTask.Record(_window.Rows[4].StartTime));
        Assert.True(_window.Refresh());
        Assert.Equal((-3, 197), (_window.Shift, _window.Total));
        Assert.Equal(below, _window.Rows[101 - 3 - (int)_window.First].Upid);
    }

    [Fact]
    public void A_list_that_became_shorter_than_where_somebody_was_shows_its_end()
    {
        _window.Show(10_000, 60, top: 10_000, shift: 0);
        Assert.Equal(440, _window.First);
        Assert.Equal(Begin, _window.Rows[^1].StartTime);
    }

    [Fact]
    public void The_place_of_a_time_is_that_of_the_first_task_not_after_it()
    {
        Assert.Equal(0, _window.PlaceAt(Begin + 5000));
        Assert.Equal(100, _window.PlaceAt(Begin + 399));
        Assert.Equal(500, _window.PlaceAt(Begin - 1));
        Assert.Equal(0, _window.PlaceAt(long.MaxValue));
    }

    [Fact]
    public void Tasks_of_one_second_all_have_their_place()
    {
        _context.Write([.. Enumerable.Range(0, 300).Select(number => SomeTask.Record(Begin + 3000, number))]);
        _window.Ask(new TaskQuery());
        var seen = new HashSet<string>();
        for (int first = 0; first < 300; first += 50)
        {
            _window.Show(first, 50, top: first, shift: _window.Shift);
            seen.UnionWith(_window.Rows.Where(row => row.StartTime == Begin + 3000).Select(row => row.Upid));
        }

        Assert.Equal(300, seen.Count);
    }
}
