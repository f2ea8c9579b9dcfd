using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui.Overview;
using RemoteTasks.Server.Ui.Pages;
using RemoteTasks.Server.Ui.Tasks;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class OverviewTests : IDisposable
{
    private const long Now = 1_790_000_040;

    // Several of a name within another, known ones and some that nobody knows.
    private static readonly string[] Types =
    [
        "qmigrate", "vzmigrate", "migrateall", "hamigrate", "hastart", "qmstart", "qmstop", "qmnew", "vzstart", "vznew", "move_ct", "vzdump", "backup", "tape-backup", "tape-backup-job",
        "verify", "verify_group", "verificationjob", "prune", "prunejob", "garbage_collection", "sync", "syncjob", "auth-realm-sync", "cephcreateosd", "aptupdate", "reader", "Backup", "x",
    ];

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly PageContext _context;

    public OverviewTests() => _context = new PageContext(_clock);

    private NavigationManager Navigation => _context.Services.GetRequiredService<NavigationManager>();

    public void Dispose() => _context.Dispose();

    [Theory]
    [InlineData("qmigrate", "Guest migrations")]
    [InlineData("vzmigrate", "Guest migrations")]
    [InlineData("qmstart", "Virtual machines")]
    [InlineData("vzstart", "Containers")]
    [InlineData("vzdump", "Guest backups (vzdump)")]
    [InlineData("backup", "PBS: backups")]
    [InlineData("verificationjob", "PBS: verification")]
    [InlineData("garbage_collection", "PBS: prune, garbage")]
    [InlineData("syncjob", "PBS: sync")]
    [InlineData("auth-realm-sync", "Others")]
    [InlineData("hamigrate", "High availability")]
    [InlineData("cephcreateosd", "Ceph")]
    [InlineData("something-new", "Others")]
    [InlineData("", "Others")]
    public void A_worker_type_is_of_a_kind(string type, string kind) => Assert.Equal(kind, TaskKind.Of(type).Title);

    [Fact]
    public void Kinds_share_out_all_types_and_every_task_is_in_one()
    {
        _context.Write([.. Types.SelectMany((type, i) => Enumerable.Range(0, i + 1).Select(number => Ended(number, type, "error")))]);
        OverviewSummary summary = Read();
        Assert.Equal(Types.Order(StringComparer.Ordinal), summary.Kinds.SelectMany(kind => kind.Parts).Select(type => type.Name).Order(StringComparer.Ordinal));
        Assert.Equal(TaskKind.All.Count, summary.Kinds.Count);
        Assert.Equal(summary.All, summary.Kinds.Aggregate(default(StatusCounts), (sum, kind) => sum.Plus(kind.Counts)));
        Assert.All(summary.Kinds, kind => Assert.Equal(kind.Counts, kind.Parts.Aggregate(default(StatusCounts), (sum, type) => sum.Plus(type.Counts))));
        Assert.Equal(Types.Length * (Types.Length + 1) / 2, summary.All.Error);
    }

    [Fact]
    public void Running_has_a_column_of_its_own_and_is_no_failure_whatever_its_status_says()
    {
        _context.Write(
            SomeTask.Record(Now - 80, status: "RUNNING", took: null, type: "vzdump", remote: "a"),
            SomeTask.Record(Now - (40 * 86_400), status: "unexpected status", took: null, type: "vzdump", remote: "a"),
            SomeTask.Record(Now - 70, type: "qmstart", remote: "b"));
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("Nothing failed in the last 24 hours", page.Find(".headline .status").TextContent);
        Assert.Equal("2 running now", page.Find(".headline a").TextContent);
        Assert.Equal(["a", "0", "0", "0", "0", "2"], Cells(page, "remotes-title", "a"));
        Assert.Equal(["b", "0", "0", "0", "1", "0"], Cells(page, "remotes-title", "b"));
        Assert.Empty(page.FindAll(".reasons"));
    }

    [Fact]
    public void Backup_servers_count_like_clusters()
    {
        _context.Write(
            new TaskRecord($"pbs:store!UPID:host:00000001:00000001:00000001:{Now - 60:X8}:backup:main\\x3avm/100:backup@pbs:", Now - 60, "connection error: aborted", Now - 50),
            SomeTask.Record(Now - 70, remote: "a"));
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("1 failed in the last 24 hours", page.Find(".headline .status").TextContent);
        Assert.StartsWith("PBS: backups", Rows(page, "kinds-title")[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("store", Rows(page, "remotes-title")[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_failed_stands_first_then_warnings()
    {
        _context.Write(
            Ended(0, "qmstart", "OK", remote: "a"), Ended(1, "qmstart", "WARNINGS: 2", remote: "b"), Ended(2, "qmstart", "broken", remote: "c"),
            Ended(3, "qmstart", "broken", remote: "d"), Ended(4, "qmstart", "broken", remote: "d"), Ended(5, "qmstart", "unknown", remote: "e"));
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("3 failed in the last 24 hours", page.Find(".headline .status").TextContent);
        Assert.Equal(["d", "c", "b", "e", "a"], Rows(page, "remotes-title").Select(row => row.Text[..1]));
    }

    [Fact]
    public void Each_number_leads_to_a_list_of_as_many_tasks()
    {
        string[] statuses = ["OK", "WARNINGS: 1", "lost", "unexpected status"];
        _context.Write([.. Types.SelectMany((type, i) => statuses.Select((status, j) => Ended((i * 10) + j, type, status, remote: $"r{i % 3}", node: $"n{i % 4}"))),
            .. Types.Select((type, i) => SomeTask.Record(Now - (20 * 86_400) - i, 500 + i, status: null, took: null, type: type, remote: $"r{i % 3}", node: $"n{i % 4}"))]);
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        while (page.FindAll(".fold[aria-expanded=false]") is { Count: > 0 } closed)
            closed[0].Click();
        using CacheReader reader = _context.Store.Cache.Read();
        IElement[] links = [.. page.FindAll(".counts td a")];
        Assert.True(links.Length > Types.Length * 5);
        foreach (IElement link in links)
        {
            TaskFilters list = TaskFilters.Of(new Uri($"http://host/{link.GetAttribute("href")}"));
            Assert.Empty(list.Problems);
            long count = long.Parse(link.TextContent.TrimEnd('+'));
            long total = reader.List(list.Query).Total;
            Assert.True(link.TextContent.EndsWith('+') ? total > count : total == count, $"{link.OuterHtml}: {total}");
        }

        // What a part of a name cannot tell is told type by type, and never by a wrong list.
        Assert.All(page.FindAll(".counts .as-link"), button => Assert.Contains("show each type", button.GetAttribute("aria-label")!, StringComparison.Ordinal));
        IElement more = page.FindAll(".counts a").First(link => link.TextContent.EndsWith('+'));
        Assert.StartsWith("The list has also ", more.GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_at_all_is_said_to_be_nothing()
    {
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("Nothing ended in the last 24 hours", page.Find(".headline .status").TextContent);
        Assert.Contains("when the remotes have been polled", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("table"));
    }

    [Fact]
    public void What_the_figures_do_not_speak_for_is_named_and_no_failure_is_not_claimed()
    {
        _context.Write(new TaskBatch
        {
            Tasks = [Ended(0, "qmstart", "OK")],
            Nodes =
            [
                new NodeReport("lost", "n1", Now - 500) { Reached = false },
                new NodeReport("short", "n2", Now) { Gap = new HistoryGap(Now - 4000, Now - 3000) },
                new NodeReport("old", "n3", Now) { Gap = new HistoryGap(Now - 900_000, Now - 800_000) },
            ],
        });
        _context.Freshness.Hidden("shy", "n4", Now, TimeSpan.Zero, "The token sees only its own tasks.");
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("No failure is known in the last 24 hours", page.Find(".headline .status").TextContent);
        string[] lacks = [.. page.FindAll(".lacks li").Select(item => string.Join(' ', item.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(
            ["Not reached: lost n1 since", "The token sees only its own tasks: shy n4", "Forgotten by the node before they were fetched: short n2 from to"], lacks);
        Assert.Equal("remotes", page.Find(".lacks a").GetAttribute("href"));
    }

    [Fact]
    public void How_far_back_stands_in_the_address()
    {
        _context.Write(Ended(0, "qmstart", "lost", start: Now - (30 * 3600)), Ended(1, "qmstart", "lost", start: Now - (50 * 3600)));
        Navigation.NavigateTo("?hours=48");
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        Assert.Equal("1 failed in the last 2 days", page.Find(".headline .status").TextContent);
        Assert.Equal("?hours=48", page.Find(".choices [aria-current]").GetAttribute("href"));
        Navigation.NavigateTo("?hours=1");
        Assert.Equal("Nothing ended in the last hour", page.Find(".headline .status").TextContent);
        Navigation.NavigateTo("?hours=-3%00");
        Assert.Contains("no whole number", page.Find(".note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_comes_in_by_itself_and_goes_with_time()
    {
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        _context.Write(Ended(0, "qmstart", "lost"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await page.WaitForAssertionAsync(() => Assert.Equal("1 failed in the last 24 hours", page.Find(".headline .status").TextContent), TimeSpan.FromSeconds(20));
        _clock.Advance(TimeSpan.FromHours(25));
        await page.WaitForAssertionAsync(() => Assert.Equal("Nothing ended in the last 24 hours", page.Find(".headline .status").TextContent), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Text_of_remotes_is_text()
    {
        _context.Write(Ended(0, "<b>t</b>", SmallDaemon.Hostile), Ended(1, "\u202Et\u0007", "lost"));
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        page.FindAll(".fold").ToList().ForEach(_ => page.Find(".fold[aria-expanded=false]").Click());
        Assert.Empty(page.FindAll("script, img, table b, i"));
        Assert.Contains("<script>", page.Find(".reasons").TextContent, StringComparison.Ordinal);
        Assert.Contains("⟨U+202E⟩t", page.Find("[aria-labelledby=kinds-title]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page.Markup);
        Assert.DoesNotContain('\u001b', page.Markup);
        Assert.DoesNotContain('\u0007', page.Markup);
    }

    [Theory]
    [InlineData("VM 117 qmp command 'backup' failed - got timeout", "VM N qmp command 'backup' failed - got timeout", "qmp command 'backup' failed - got timeout")]
    [InlineData("can't lock '/var/lock/lock-104.conf'", "can't lock '/var/lock/lock-N.conf'", "can't lock '/var/lock/lock-")]
    [InlineData("no job 91a1da29-7e0c-4a53-b1a3-5d6f0c2e8b11 here", "no job ID here", "no job")]
    [InlineData("deadbeef is a word, 12345678 a number", "deadbeef is a word, N a number", "deadbeef is a word,")]
    [InlineData("lost UPID:n1:0001", "lost UPID:nN:N", "lost")]
    [InlineData("42", "N", null)]
    [InlineData("", "", null)]
    public void Numbers_and_ids_are_left_open(string text, string pattern, string? common)
    {
        Assert.Equal(pattern, ReasonPattern.Of(text));
        Assert.Equal(common, ReasonPattern.CommonPart(text));
    }

    [Fact]
    public void Reasons_that_differ_in_numbers_alone_are_one_with_an_example_and_its_list()
    {
        _context.Write([.. Enumerable.Range(0, 9).Select(number => Ended(number, "vzdump", $"job {number} lost after {number * 7} s")), Ended(50, "qmstart", "42"), Ended(51, "qmstart", "OK")]);
        IRenderedComponent<OverviewPage> page = _context.Render<OverviewPage>();
        IElement[] rows = [.. page.FindAll(".reasons tbody tr")];
        Assert.Equal(["9", "1"], rows.Select(row => row.QuerySelector("td")!.TextContent));
        Assert.Equal(["job N lost after N s", "42"], rows.Select(row => row.QuerySelector("th a")!.TextContent));
        Assert.Equal("job 0 lost after 0 s", rows[0].QuerySelector("th a")!.GetAttribute("title"));
        Assert.StartsWith("task/pve%3Aburst%21UPID%3A", rows[0].QuerySelector("td a")!.GetAttribute("href"), StringComparison.Ordinal);
        using CacheReader reader = _context.Store.Cache.Read();
        TaskFilters list = TaskFilters.Of(new Uri($"http://host/{rows[0].QuerySelector("th a")!.GetAttribute("href")}"));
        Assert.Equal(9, reader.List(list.Query).Total);
    }

    [Fact]
    public void When_not_all_failures_were_looked_at_that_is_said()
    {
        using CacheReader reader = _context.Store.Cache.Read();
        IRenderedComponent<ReasonTable> table = _context.Render<ReasonTable>(parameters => parameters
            .Add(reasons => reasons.Since, 0)
            .Add(reasons => reasons.Reasons, new FailureReasons([], FailureReasons.RowsMax, 30_000)));
        Assert.Contains("Of the 20,000 newest of 30,000 that failed.", table.Markup, StringComparison.Ordinal);
    }

    private static TaskRecord Ended(int number, string type, string status, string remote = "burst", string node = "n1", long start = Now - 600) =>
        SomeTask.Record(start, number, status, type: type, remote: remote, node: node);

    private static (string Text, IElement Row)[] Rows(IRenderedComponent<OverviewPage> page, string table) =>
        [.. page.FindAll($"section[aria-labelledby={table}] tbody tr").Select(row => (row.QuerySelector("th")!.TextContent.Trim(), row))];

    private static IEnumerable<string> Cells(IRenderedComponent<OverviewPage> page, string table, string name) =>
        Rows(page, table).First(row => row.Text.StartsWith(name, StringComparison.Ordinal)).Row.Children
            .Select(cell => cell.FirstElementChild!.TextContent);

    private OverviewSummary Read()
    {
        using CacheReader reader = _context.Store.Cache.Read();
        return OverviewSummary.Read(reader, Now - 86_400, HiddenNodes.None);
    }
}
