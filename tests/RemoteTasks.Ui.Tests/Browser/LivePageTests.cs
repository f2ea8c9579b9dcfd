using System.Diagnostics;
using Microsoft.Playwright;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Tests;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Browser;

/// <summary>Pages over a fleet that lives, in a real browser.</summary>
public sealed class LivePageTests(SmallDaemon daemon, Chromium chromium, ITestOutputHelper output) : IClassFixture<SmallDaemon>
{
    private const string SomeWords = "UPID:";

    private static readonly TimeSpan Soon = SmallDaemon.PollInterval + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_task_that_begins_on_a_remote_is_on_the_page_soon_and_moves_nothing_that_is_read()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("tasks");
        await visitor.Page.EvaluateAsync("() => { document.querySelector('.grid').scrollTop = 26 * 40 + 7; }");
        await visitor.Page.WaitForTimeoutAsync(600);
        string before = await ReadAsync(visitor.Page);
        TimeSpan took = await AppearsAsync(visitor.Page);
        if (took > Soon)
        {
            // Other tests only add to a time.
            using IDisposable? alone = await SharedMachineAttribute.AloneAsync(output, TestContext.Current.CancellationToken);
            took = await AppearsAsync(visitor.Page);
        }

        await visitor.Page.WaitForTimeoutAsync(100);
        Assert.Equal(before, await ReadAsync(visitor.Page));
        Assert.True(took <= Soon, $"{took}");

        // At the top it is there, without a reload.
        await visitor.Page.FocusAsync(".grid");
        await visitor.Page.Keyboard.PressAsync("Home");
        await visitor.Page.WaitForSelectorAsync("#row-0:has-text('VM: start')");
        Assert.Empty(visitor.Complaints);
    }

    // The daemon counts what moves above the place it last heard of; that word may come after the browser has gone to the top.
    [Fact]
    public async Task Whoever_goes_to_the_top_while_tasks_come_in_sees_the_newest()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("tasks");
        await visitor.Page.FocusAsync(".grid");
        await visitor.Page.Keyboard.PressAsync("End");
        await visitor.Page.WaitForFunctionAsync("() => document.querySelector('.grid').hasAttribute('aria-activedescendant')");
        await visitor.Page.EvaluateAsync("""
            () => {
              const grid = document.querySelector('.grid');
              grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
              grid.dataset.shift = String(Number(grid.dataset.shift) + 50);
            }
            """);
        await visitor.Page.WaitForSelectorAsync("#row-0[data-active]");
        Assert.Equal(0, await visitor.Page.EvaluateAsync<double>("() => document.querySelector('.grid').scrollTop"));
    }

    [Fact]
    public async Task What_runs_is_counted_in_the_header_listed_and_gone_when_it_has_ended()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("running");
        FakeTask task = daemon.Fleet.StartTask("pve-02", "pve-02-n1", "vzdump", "777", "root@pam", duration: null);
        await visitor.Page.WaitForSelectorAsync("tbody tr:has-text('777')");
        await visitor.Page.WaitForSelectorAsync("header .counter");
        await visitor.OpenAsync($"task/{Uri.EscapeDataString($"pve:pve-02!{task.Upid}")}");
        await visitor.Page.WaitForSelectorAsync(".log-line");
        await visitor.Page.ClickAsync("fluent-button:has-text('Stop the task')");
        await visitor.Page.ClickAsync("fluent-dialog fluent-button:has-text('Stop it')");
        await visitor.Page.WaitForSelectorAsync(".task-status:not(.status-running)");
        Assert.Equal(0, await visitor.Page.Locator("fluent-button:has-text('Stop the task')").CountAsync());
        Assert.Empty(visitor.Complaints);
    }

    // Once failed: the page said so before it was connected, and a click on what the server had drawn was heard by nobody.
    [Fact]
    public async Task A_page_that_says_it_has_started_hears_a_click_however_slow_the_connection()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        FakeTask task = daemon.Fleet.StartTask("pve-02", "pve-02-n2", "vzdump", "779", "root@pam", duration: null);
        await daemon.Server.Fleet.RefreshAsync(["pve-02"], CancellationToken.None);
        await visitor.Page.RouteAsync("**/_blazor/negotiate*", async route =>
        {
            await Task.Delay(1_000, TestContext.Current.CancellationToken);
            await route.ContinueAsync();
        });
        await visitor.OpenAsync($"task/{Uri.EscapeDataString($"pve:pve-02!{task.Upid}")}");
        await visitor.Page.ClickAsync("fluent-button:has-text('Stop the task')");
        await visitor.Page.ClickAsync("fluent-dialog fluent-button:has-text('Let it run')");
    }

    [Fact]
    public async Task A_stop_that_fails_says_why()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        FakeRemote remote = daemon.Fleet.Remotes.Single(remote => remote.Id == "pve-02");
        FakeTask task = daemon.Fleet.StartTask("pve-02", "pve-02-n2", "vzdump", "778", "root@pam", duration: null);
        await daemon.Server.Fleet.RefreshAsync(["pve-02"], CancellationToken.None);
        remote.Rights = FakeRights.Audit;
        try
        {
            await visitor.OpenAsync($"task/{Uri.EscapeDataString($"pve:pve-02!{task.Upid}")}");
            await visitor.Page.ClickAsync("fluent-button:has-text('Stop the task')");
            await visitor.Page.ClickAsync("fluent-dialog fluent-button:has-text('Stop it')");
            await visitor.Page.WaitForSelectorAsync(".problem:has-text('Not stopped')");
            Assert.Contains("pve-02", await visitor.Page.InnerTextAsync(".problem"), StringComparison.Ordinal);
        }
        finally
        {
            remote.Rights = FakeRights.Modify;
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_has_a_barrier_an_error_or_a_word_with_another_host(ColorScheme colours)
    {
        string upid = Uri.EscapeDataString(AnyTask());
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server, colours);
        var found = new List<string>();
        foreach (string path in new[] { "", "tasks", $"tasks?text={SomeWords}&guest=x&since=5&typefilter=q", $"tasks?task={upid}", "running", "remotes", $"task/{upid}", "task/nonsense", "tasks?remote=hostile" })
        {
            await visitor.OpenAsync(path);
            await visitor.Page.WaitForTimeoutAsync(300);
            found.AddRange((await visitor.ViolationsAsync()).Select(violation => $"/{path}: {violation}"));
            found.AddRange(visitor.Complaints.Select(complaint => $"/{path}: {complaint}"));
        }

        Assert.True(found.Count == 0, string.Join('\n', found.Distinct()));
    }

    [Fact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server, width: 390, height: 844);
        foreach (string path in new[] { "", "tasks", "running", "remotes", $"task/{Uri.EscapeDataString(AnyTask())}" })
        {
            await visitor.OpenAsync(path);
            Assert.True(await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= innerWidth"), path);
        }

        IReadOnlyList<string> violations = await visitor.ViolationsAsync();
        Assert.True(violations.Count == 0, string.Join('\n', violations));
    }

    [Fact]
    public async Task Text_of_a_remote_is_never_more_than_text()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("tasks?remote=hostile");
        await visitor.Page.WaitForSelectorAsync("#row-1");
        Assert.Contains("<script>", await visitor.Page.InnerTextAsync("#row-0"), StringComparison.Ordinal);
        Assert.Contains("⟨U+202E⟩", await visitor.Page.InnerTextAsync("#row-0"), StringComparison.Ordinal);
        Assert.InRange((await visitor.Page.InnerTextAsync("#row-1")).Length, 1, 700);
        await visitor.Page.FocusAsync(".grid");
        foreach (string row in new[] { "#row-0", "#row-1" })
        {
            await visitor.Page.Keyboard.PressAsync("ArrowDown");
            await visitor.Page.Keyboard.PressAsync("Enter");
            await visitor.Page.WaitForSelectorAsync($"{row}.opened");
            await visitor.Page.WaitForSelectorAsync(".drawer .task-title");
            await visitor.Page.Keyboard.PressAsync("Escape");
            await visitor.Page.WaitForSelectorAsync(".drawer", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        }

        string all = await visitor.Page.InnerTextAsync("body");
        Assert.DoesNotContain('\u202E', all);
        Assert.DoesNotContain('\u001b', all);
        Assert.StartsWith("Tasks", await visitor.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await visitor.Page.Locator("main :is(script, img)").CountAsync());
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task Keys_search_open_and_close_and_back_goes_back()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        IPage page = visitor.Page;
        await visitor.OpenAsync("tasks");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("hostile");
        await page.WaitForURLAsync("**/tasks?text=hostile");
        await page.WaitForSelectorAsync(".grid[data-total='2']");
        await page.Keyboard.PressAsync("Escape");
        Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.matches('.grid')"));
        await page.Keyboard.PressAsync("End");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync(".drawer");
        await page.GoBackAsync();
        await page.WaitForSelectorAsync(".drawer", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        Assert.EndsWith("tasks?text=hostile", page.Url, StringComparison.Ordinal);
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task Downloads_hold_what_is_shown()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("tasks?remote=hostile");
        IDownload csv = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Page.ClickAsync("a:has-text('CSV')"));
        string text = await File.ReadAllTextAsync(await csv.PathAsync());
        Assert.Equal(3, text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"<script>document.title='owned'</script>", text, StringComparison.Ordinal);
        IDownload lines = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Page.ClickAsync("a:has-text('JSON lines')"));
        Assert.Equal(2, (await File.ReadAllLinesAsync(await lines.PathAsync())).Count(line => line.StartsWith("{\"upid\":", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Colours_are_switched_at_once_and_stay_without_a_flash()
    {
        await using Visitor visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await visitor.OpenAsync("");
        string light = await GroundAsync(visitor.Page);
        await visitor.Page.ClickAsync("[data-theme-switch]");
        string dark = await GroundAsync(visitor.Page);
        Assert.NotEqual(light, dark);

        // As soon as there is a body to be drawn it has the chosen colour.
        await visitor.Page.AddInitScriptAsync("new MutationObserver((_, all) => { if (document.body) { globalThis.first = getComputedStyle(document.body).backgroundColor; all.disconnect(); } }).observe(document, { childList: true, subtree: true });");
        await visitor.OpenAsync("tasks");
        Assert.Equal(dark, await visitor.Page.EvaluateAsync<string>("() => globalThis.first"));
        Assert.Equal(dark, await GroundAsync(visitor.Page));
    }

    /// <summary>From the start of a task to its row.</summary>
    private async Task<TimeSpan> AppearsAsync(IPage page)
    {
        string total = (await page.GetAttributeAsync(".grid", "data-total"))!;
        long began = Stopwatch.GetTimestamp();
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        await page.WaitForFunctionAsync("total => document.querySelector('.grid').dataset.total !== total", total, new PageWaitForFunctionOptions { PollingInterval = 20 });
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        output.WriteLine($"On the page {took.TotalMilliseconds:F0} ms after it began; polled every {SmallDaemon.PollInterval.TotalSeconds} s");
        return took;
    }

    private static Task<string> GroundAsync(IPage page) => page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");

    /// <summary>The topmost row that is seen whole, and where.</summary>
    private static Task<string> ReadAsync(IPage page) => page.EvaluateAsync<string>("""
        () => {
          const grid = document.querySelector('.grid').getBoundingClientRect();
          const row = document.elementFromPoint(grid.left + 60, grid.top + 60).closest('.grid-row');
          return `${row.dataset.upid} at ${row.getBoundingClientRect().top}`;
        }
        """);

    private string AnyTask()
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.List(new TaskQuery { Remote = "pve-01", Limit = 1 }).Rows[0].Upid;
    }
}
