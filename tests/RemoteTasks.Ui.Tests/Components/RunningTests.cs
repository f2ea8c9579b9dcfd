using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Pages;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class RunningTests : IDisposable
{
    private const long Now = 1_790_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly PageContext _context;

    public RunningTests() => _context = new PageContext(_clock);

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Each_running_task_is_told_with_its_time_and_where_it_runs()
    {
        _context.Write(Running(1, "vzdump", user: "joe@pve"), SomeTask.Record(Now - 5, 9));
        IRenderedComponent<RunningPage> page = Open();
        IElement row = Assert.Single(page.FindAll("tbody tr"));
        Assert.Equal($"{Now - 1}", row.QuerySelector("rt-since")!.GetAttribute("at"));
        Assert.Equal(["", "Backup of guests", "100", "burst", "n1", "joe@pve", ""], row.Children.Select(cell => cell.TextContent.Trim()));
        Assert.Equal("1 task runs now", Words(page.Find("[role=status]")));
        Assert.All(page.FindAll("thead th"), header => Assert.Equal("col", header.GetAttribute("scope")));
    }

    [Fact]
    public void The_newest_stand_first_unless_the_address_says_otherwise()
    {
        _context.Write(Running(10, "a", remote: "r1"), Running(30, "c", remote: "r2"), Running(20, "b", remote: "r3"));
        IRenderedComponent<RunningPage> page = Open();
        Assert.Equal(["a", "b", "c"], Tasks(page));
        Assert.Equal("ascending", page.Find("th").GetAttribute("aria-sort"));
        Go("running?sort=longest");
        Assert.Equal(["c", "b", "a"], Tasks(page));
        Assert.Equal("descending", page.Find("th").GetAttribute("aria-sort"));
        Assert.Equal("running", page.Find("th a").GetAttribute("href"));
        Go("running?sort=remote");
        Assert.Equal(["a", "c", "b"], Tasks(page));
        Go("running?sort=%22nonsense");
        Assert.Equal(["a", "b", "c"], Tasks(page));
    }

    [Fact]
    public void Remotes_are_counted_and_one_can_be_looked_at_alone()
    {
        _context.Write(Running(10, "a", remote: "r1"), Running(30, "b", remote: "r2"), Running(20, "c", remote: "r2"));
        IRenderedComponent<RunningPage> page = Open();
        Assert.Equal(["All 3", "r1 1", "r2 2"], page.FindAll(".choices a").Select(Words));
        Assert.Equal("running?remote=r2", page.FindAll(".choices a")[2].GetAttribute("href"));
        Go("running?remote=r2");
        Assert.Equal(["c", "b"], Tasks(page));
        Assert.Equal("r2 2", Words(page.Find(".choices [aria-current]")));
        Go("running?remote=none");
        Assert.Equal("Nothing runs on none now.", page.Find(".empty").TextContent);
    }

    [Fact]
    public async Task A_task_that_ends_is_told_with_its_result_for_a_minute()
    {
        _context.Write(Running(10, "vzdump"), Running(20, "qmstart"));
        IRenderedComponent<RunningPage> page = Open();
        Assert.True(page.Find(".just-ended").HasAttribute("hidden"));
        _context.Write(SomeTask.Record(Now - 10, 10, "job errors", took: 10, type: "vzdump"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await page.WaitForAssertionAsync(() => Assert.Equal(["qmstart"], Types(page)), Patience);
        Assert.False(page.Find(".just-ended").HasAttribute("hidden"));
        Assert.Equal("polite", page.Find(".just-ended ul").GetAttribute("aria-live"));
        Assert.Equal("job errors Backup of guests 100 burst, n1, after 10s", Words(page.Find(".just-ended li")));
        Assert.NotNull(page.Find(".just-ended li .status-error"));

        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Single(page.FindAll(".just-ended li"));
        _clock.Advance(TimeSpan.FromSeconds(15));
        await page.WaitForAssertionAsync(() => Assert.Empty(page.FindAll(".just-ended li")), Patience);
    }

    [Fact]
    public void What_runs_on_a_node_that_is_not_reached_is_in_doubt()
    {
        _context.Write(new TaskBatch
        {
            Tasks = [Running(10, "a"), Running(20, "b", node: "n2")],
            Nodes = [new NodeReport("burst", "n1", Now - 5) { Reached = false }],
        });
        IRenderedComponent<RunningPage> page = Open();
        Assert.StartsWith("1 node is not reached", page.Find(".note").TextContent, StringComparison.Ordinal);
        IElement doubt = Assert.Single(page.FindAll("tbody .status-unknown"));
        Assert.Equal($"{Now - 5}", doubt.QuerySelector("rt-time")!.GetAttribute("at"));
        Assert.StartsWith("n1", doubt.Closest("td")!.TextContent.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void When_nothing_runs_that_is_said() =>
        Assert.StartsWith("Nothing runs now.", Open().Find(".empty").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Text_of_remotes_is_text()
    {
        _context.Write(SomeTask.Record(Now - 1, 1, SmallDaemon.Hostile, took: null, type: "<b>t</b>", id: "\u202Ex<script>", user: "<i>u</i>\u0007"));
        IRenderedComponent<RunningPage> page = Open();
        Assert.Empty(page.FindAll("script, img, tbody b, i"));
        Assert.Contains("⟨U+202E⟩x<script>", page.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page.Markup);
        Assert.DoesNotContain('\u0007', page.Markup);
    }

    private static TaskRecord Running(int ago, string type, string remote = "burst", string node = "n1", string user = "root@pam") =>
        SomeTask.Record(Now - ago, ago, status: null, took: null, type: type, remote: remote, node: node, user: user);

    private static IEnumerable<string> Tasks(IRenderedComponent<RunningPage> page) => page.FindAll("tbody th").Select(cell => cell.TextContent);

    private static IEnumerable<string?> Types(IRenderedComponent<RunningPage> page) => page.FindAll("tbody th a").Select(cell => cell.GetAttribute("title"));

    private static string Words(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Go(string address) => _context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    private IRenderedComponent<RunningPage> Open() => _context.Render<RunningPage>();
}
