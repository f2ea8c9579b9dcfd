using Bunit;
using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Overview;
using RemoteTasks.Server.Ui.Pages;
using RemoteTasks.Server.Ui.Tasks;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class OverviewTests : IDisposable
{
    private readonly PageContext _context = new();
    private readonly long _now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Running_tasks_are_no_failures_and_each_count_leads_to_its_list()
    {
        _context.Write(
            SomeTask.Record(_now - 100, status: "command failed: exit code 1", type: "vzdump", remote: "a"),
            SomeTask.Record(_now - 90, status: "command failed: exit code 22", type: "vzdump", remote: "a"),
            SomeTask.Record(_now - 80, status: "RUNNING", took: null, type: "vzdump", remote: "a"),
            SomeTask.Record(_now - 70, type: "qmstart", remote: "b"),
            SomeTask.Record(_now - (90 * 86_400), status: "long ago", remote: "c"));
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("2", page.Find(".tile-error b").TextContent);
        Assert.Equal("1", page.Find(".tile-running b").TextContent);
        Assert.Equal(["a", "b"], page.FindAll("section[aria-labelledby=by-remote] tbody th").Select(cell => cell.TextContent));
        string link = page.Find("section[aria-labelledby=by-remote] a.count-error").GetAttribute("href")!;
        TaskFilters list = TaskFilters.Of(new Uri($"http://host/{link}"));
        Assert.Equal(("a", StatusClass.Error), (list.Query.Remote, Assert.Single(list.Query.Statuses!)));
        using CacheReader reader = _context.Store.Cache.Read();
        Assert.Equal(2, reader.List(list.Query).Total);
        Assert.Equal("command failed: exit code #", page.Find(".reasons a").TextContent);
    }

    [Fact]
    public void Reasons_that_differ_in_numbers_alone_are_one()
    {
        _context.Write(
            [.. Enumerable.Range(0, 9).Select(number => SomeTask.Record(_now - number, status: $"job {number} lost after {number * 7} s")),
            SomeTask.Record(_now - 50, status: "42"), SomeTask.Record(_now - 51)]);
        using CacheReader reader = _context.Store.Cache.Read();
        IReadOnlyList<FailureReason> reasons = FailureReason.Of(reader, new TaskQuery(), 8);
        Assert.Equal([("job # lost after # s", 9L), ("#", 1L)], reasons.Select(reason => (reason.Text, reason.Count)));
        Assert.Equal("lost after", reasons[0].Search);
        Assert.Equal(9, reader.List(new TaskQuery { Text = reasons[0].Search }).Total);
    }

    [Fact]
    public void Bars_stand_on_each_other_and_failures_are_never_too_low_to_be_seen()
    {
        var histogram = new TaskHistogram(0, 60, [new StatusCounts(10_000, 0, 1, 0, 0), default, new StatusCounts(0, 0, 0, 0, 5000)]);
        IReadOnlyList<(StatusClass Status, string Path)> shape = HistogramShape.Of(histogram);
        Assert.Equal([StatusClass.Error, StatusClass.Running, StatusClass.Ok], shape.Select(path => path.Status));
        Assert.Equal("M0 100h0.86v-3h-0.86z", shape[0].Path);
        Assert.Equal("M2 100h0.86v-50h-0.86z", shape[1].Path);
        Assert.Equal("M0 97h0.86v-97h-0.86z", shape[2].Path);
        Assert.Equal("1,0,0,0,10000;0,0,0,0,0;0,0,0,5000,0", HistogramShape.Counts(histogram));
    }
}
