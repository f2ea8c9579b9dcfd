using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.Ui.Pages;
using RemoteTasks.Server.Ui.Remotes;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class RemotesTests
{
    private const long Now = 1_790_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));

    [Fact]
    public async Task Each_remote_is_told_of_and_those_with_problems_stand_first()
    {
        await using Fleet fleet = await StartFleetAsync();
        fleet.SetOnline("pve-01", "pve-01-n2", online: false);
        fleet.SetClock("pbs-01", TimeSpan.FromMinutes(-3));
        fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", duration: null);
        using PageContext context = await ContextAsync(fleet);
        IRenderedComponent<RemotesPage> page = context.Render<RemotesPage>();
        Assert.Equal("1 of 2 remotes does not answer in full", page.Find(".page-head [role=status]").TextContent);
        IElement[] cards = [.. page.FindAll("article")];
        Assert.Equal(["pve-01", "pbs-01"], cards.Select(card => card.QuerySelector("h2")!.TextContent));
        Assert.Equal("1 of 2 nodes not reached", cards[0].QuerySelector(".remote-head .status")!.TextContent);
        Assert.StartsWith("pve-01-n2: ", Words(cards[0].QuerySelector(".problem")!), StringComparison.Ordinal);
        Assert.Contains("1 running", Words(cards[0].QuerySelector(".remote-facts")!), StringComparison.Ordinal);
        Assert.Equal(
            ["pve-01-n1", "Answers", "sees all tasks", "1", "1"],
            Cells(cards[0], 0, but: [2, 3, 4]));
        Assert.Equal("Not reached", Cells(cards[0], 1, but: [])[1]);
        Assert.Equal("Answers", cards[1].QuerySelector(".remote-head .status")!.TextContent);
        Assert.Contains("a clock is off", cards[1].TextContent, StringComparison.Ordinal);
        Assert.Equal("3m 00s behind", Cells(cards[1], 0, but: [])[4]);
        Assert.All(page.FindAll("thead th"), header => Assert.Equal("col", header.GetAttribute("scope")));
        Assert.Matches("only the one with the fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}", Words(cards[0].QuerySelector(".endpoints li")!));
    }

    [Fact]
    public async Task Whoever_may_operate_polls_now_and_sees_what_came_of_it()
    {
        await using Fleet fleet = await StartFleetAsync();
        using PageContext context = await ContextAsync(fleet);
        Allow(context, Role.Operate);
        IRenderedComponent<RemotesPage> page = context.Render<RemotesPage>();
        FakeTask task = fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await page.Find("[aria-label='Refresh now: pve-01']").ClickAsync();
        await page.WaitForAssertionAsync(() => Assert.Contains("1 new task", page.Find("[aria-labelledby=remote-pve-01] [role=status]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(page.Find("[aria-labelledby=remote-pbs-01] [role=status]").TextContent);
        using CacheReader reader = context.Store.Cache.Read();
        Assert.Equal(task.StartTime, Assert.Single(reader.List(new TaskQuery()).Rows).StartTime);

        fleet.SetOnline("pve-01", "pve-01-n2", online: false);
        await page.FindAll("button").First(button => button.TextContent == "Refresh all now").ClickAsync();
        await page.WaitForAssertionAsync(() => Assert.Equal("All polled, 1 not in full", page.Find(".page-head .remote-act [role=status]").TextContent), Patience);
        Assert.Contains("1 node without a full answer", page.Find("[aria-labelledby=remote-pve-01] [role=status]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Nothing new", page.Find("[aria-labelledby=remote-pbs-01] [role=status]").TextContent);
    }

    [Fact]
    public async Task Whoever_may_only_read_finds_no_button_and_what_is_pressed_all_the_same_polls_nothing()
    {
        await using Fleet fleet = await StartFleetAsync();
        using PageContext context = await ContextAsync(fleet);
        Allow(context, Role.Read);
        Assert.Empty(context.Render<RemotesPage>().FindAll("button"));

        // As when the role is taken away while the page is open.
        Allow(context, Role.Operate);
        IRenderedComponent<RemotesPage> page = context.Render<RemotesPage>();
        context.Authorization.SetRoles(Role.Read.Word());
        context.Authorization.SetPolicies(Policies.Read, Policies.Operate);
        long requests = fleet.RequestCount;
        await page.FindAll("button").First(button => button.TextContent == "Refresh all now").ClickAsync();
        Assert.Equal("Your role does not allow having remotes polled.", page.Find("[role=alert]").TextContent);
        Assert.Equal(requests, fleet.RequestCount);
    }

    [Fact]
    public async Task A_token_that_sees_only_its_own_tasks_is_told_with_the_remedy()
    {
        await using Fleet fleet = await StartFleetAsync();
        fleet.Remotes.First(remote => remote.Id == "pve-01").Rights = FakeRights.None;
        using PageContext context = await ContextAsync(fleet);
        IElement card = context.Render<RemotesPage>().Find("[aria-labelledby=remote-pve-01]");
        Assert.Equal("Shows only the token's own tasks", card.QuerySelector(".remote-head .status")!.TextContent);
        Assert.Contains("pveum acl modify / --tokens", Assert.Single(card.QuerySelectorAll(".problem")).TextContent, StringComparison.Ordinal);
        Assert.Equal("Only the token's own tasks", Cells(card, 0, but: [])[1]);
    }

    [Fact]
    public void A_remote_that_was_not_asked_yet_is_no_failure_and_gaps_are_told_from_when_to_when()
    {
        RemoteDefinition[] remotes = [Remote("new", RemoteType.Pve), Remote("short", RemoteType.Pve)];
        using var context = new PageContext(_clock, remotes);
        context.Write(new TaskBatch
        {
            Tasks = [SomeTask.Record(Now - 60, remote: "short"), SomeTask.Record(Now - (2 * 86_400), 1, "lost", remote: "short")],
            Nodes = [new NodeReport("short", "n1", Now) { Cutoff = Now - 60, Gap = new HistoryGap(Now - 9000, Now - 8000) }],
        });
        context.Freshness.Reached("short", "n1", Now - 20, TimeSpan.FromMilliseconds(42), seesAllTasks: null, clockAhead: null, tasksPerHour: 0);
        IReadOnlyList<RemoteView> views = Views(context, remotes);
        Assert.Equal([("new", Health.NotAsked), ("short", Health.Good)], views.Select(view => (view.Id, view.Health)));
        Assert.Equal((1L, 0L), (views[1].PerDay, views[1].Running));
        Assert.Equal([(1L, 1L), (0L, 0L), (1L, 0L)], views[1].Days.TakeLast(3).Select(day => (day.Tasks, day.Failed)));
        IRenderedComponent<RemoteCard> card = context.Render<RemoteCard>(parameters => parameters.Add(shown => shown.Remote, views[1]));
        IElement gap = Assert.Single(card.FindAll(".gaps li"));
        Assert.Equal([$"{Now - 9000}", $"{Now - 8000}"], gap.QuerySelectorAll("rt-time").Select(time => time.GetAttribute("at")));
        Assert.Contains("1 gap in its history", card.Markup, StringComparison.Ordinal);
        Assert.Equal("42 ms", Cells(card.Find("article"), 0, but: [])[3]);
        Assert.Equal(["not known", "not known"], Cells(card.Find("article"), 0, but: [0, 1, 2, 3, 6, 7]));
        Assert.Contains("any for this host that the system trusts", card.Find(".endpoints").TextContent, StringComparison.Ordinal);
        Assert.Contains("mon@pve!t", card.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remote_that_does_not_even_name_its_nodes_has_one_problem()
    {
        RemoteDefinition[] remotes = [Remote("gone", RemoteType.Pve)];
        using var context = new PageContext(_clock, remotes);
        context.Write(new TaskBatch { Nodes = [new NodeReport("gone", "n1", Now) { Cutoff = 5 }, new NodeReport("gone", "n2", Now) { Cutoff = 5 }] });
        foreach (string? node in new[] { null, "n1", "n2" })
            context.Freshness.Failed("gone", node, Now, TimeSpan.FromSeconds(12), "Cannot connect. Check the address.");
        RemoteView view = Assert.Single(Views(context, remotes));
        Assert.Equal(Health.Lost, view.Health);
        IRenderedComponent<RemoteCard> card = context.Render<RemoteCard>(parameters => parameters.Add(shown => shown.Remote, view));
        Assert.Equal("Cannot connect. Check the address.", Assert.Single(card.FindAll(".problem")).TextContent);
        Assert.Equal(["n1", "n2"], card.FindAll("tbody th").Select(cell => cell.TextContent));
        Assert.Equal("12 s", Cells(card.Find("article"), 0, but: [])[3]);
    }

    [Fact]
    public void A_backup_server_has_its_tasks_by_its_host_and_its_node_by_another_name()
    {
        RemoteDefinition[] remotes = [Remote("store", RemoteType.Pbs)];
        using var context = new PageContext(_clock, remotes);
        context.Write(new TaskRecord($"pbs:store!UPID:host:00000001:00000001:00000001:{Now - 60:X8}:backup:main\\x3avm/100:backup@pbs:", Now - 60, status: null, endTime: null));
        context.Freshness.Reached("store", "localhost", Now, TimeSpan.Zero, seesAllTasks: true, clockAhead: 0, tasksPerHour: 0);
        NodeView node = Assert.Single(Assert.Single(Views(context, remotes)).Nodes);
        Assert.Equal(("localhost", 1L, 1L), (node.Name, node.PerDay, node.Running));
    }

    [Fact]
    public void Without_remotes_it_is_told_how_to_name_one()
    {
        using var context = new PageContext(_clock);
        Allow(context, Role.Admin);
        IRenderedComponent<RemotesPage> page = context.Render<RemotesPage>();
        Assert.Contains("remote-tasks remote add", page.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("button"));
    }

    [Fact]
    public void Text_of_remotes_is_text()
    {
        using var context = new PageContext(_clock);
        var node = new NodeView("<b>n</b>\u202E", Now, TimeSpan.Zero, SmallDaemon.Hostile, SeesAllTasks: true, 0, null, [new HistoryGap(1, 2)], 0, 0);
        var view = new RemoteView("id", "pve", Problem: null, [node], [new EndpointView("10.0.0.1:8006", Fingerprint: null)], "<i>token</i>\u0007", "https://10.0.0.1:8006/", [], 0, 0);
        IRenderedComponent<RemoteCard> card = context.Render<RemoteCard>(parameters => parameters
            .Add(shown => shown.Remote, view)
            .Add(shown => shown.Run, new RefreshRun(IsUnderWay: false, IsFailed: true, "<u>no</u>")));
        Assert.Empty(card.FindAll("script, img, i, u, th b, td b"));
        Assert.Contains("<script>", card.Find(".problem").TextContent, StringComparison.Ordinal);
        Assert.Equal("<b>n</b>⟨U+202E⟩", card.Find("tbody th").TextContent);
        Assert.DoesNotContain('\u202E', card.Markup);
        Assert.DoesNotContain('\u0007', card.Markup);
        Assert.DoesNotContain('\u001b', card.Markup);
    }

    private static RemoteDefinition Remote(string id, RemoteType type) => new()
    {
        Id = id,
        Type = type,
        Endpoints = [new RemoteEndpoint("10.0.0.1", 8006, Fingerprint: null)],
        AuthId = "mon@pve!t",
        Token = new ApiToken("top-secret"),
    };

    private static IReadOnlyList<RemoteView> Views(PageContext context, RemoteDefinition[] remotes)
    {
        using CacheReader reader = context.Store.Cache.Read();
        var figures = new RemoteFigures(
            reader.Statistics(new TaskQuery { Since = Now - 86_400 }), reader.Statistics(new TaskQuery { Scope = TaskScope.Running }), DailyCounts.Read(reader, Now));
        return RemoteViews.Of(remotes, context.Freshness.All, reader.State, figures);
    }

    private static void Allow(PageContext context, Role role)
    {
        Role[] roles = [.. Enum.GetValues<Role>().Where(other => other <= role)];
        context.Authorization.SetRoles([.. roles.Select(other => other.Word())]);
        context.Authorization.SetPolicies([.. roles.Select(other => other.ToString())]);
    }

    private static string[] Cells(IElement card, int row, int[] but) =>
        [.. card.QuerySelectorAll("tbody tr").ElementAt(row).Children.Where((_, i) => !but.Contains(i)).Select(Words)];

    private static string Words(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private Task<Fleet> StartFleetAsync() =>
        Fleet.StartAsync(new FleetOptions { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = _clock });

    /// <summary>All remotes have been polled once, and wait for their time.</summary>
    private async Task<PageContext> ContextAsync(Fleet fleet)
    {
        string directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;
        string file = Path.Combine(directory, "remotes.json");
        fleet.WriteRemotesFile(file);
        var context = new PageContext(_clock, RemoteTasks.Proxmox.RemotesFile.Load(file));
        Directory.Delete(directory, recursive: true);
        await context.Poller.StartAsync(CancellationToken.None);
        for (long began = TimeProvider.System.GetTimestamp(); !context.Poller.IsIdle; await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "The polls did not end.");
        return context;
    }
}
