using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Components;
using RemoteTasks.Server.Ui.Live;
using RemoteTasks.Server.Ui.Pages;
using RemoteTasks.Server.Ui.Tasks;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Components;

public sealed class TasksPageTests : IDisposable
{
    private const long Begin = 1_790_000_000;

    private readonly PageContext _context = new();

    private NavigationManager Navigation => _context.Services.GetRequiredService<NavigationManager>();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void The_grid_says_how_long_the_list_is_and_where_each_row_stands()
    {
        _context.Write([.. Enumerable.Range(0, 200).Select(number => SomeTask.Record(Begin + number))]);
        IRenderedComponent<TasksPage> page = Open("tasks");
        IElement grid = page.Find("[role=grid]");
        Assert.Equal("201", grid.GetAttribute("aria-rowcount"));
        Assert.Equal("9", grid.GetAttribute("aria-colcount"));
        Assert.Equal(9, page.FindAll("[role=columnheader]").Count);
        Assert.Equal(["2", "3"], page.FindAll(".grid-rows [role=row]").Take(2).Select(row => row.GetAttribute("aria-rowindex")));
        Assert.Equal("200 tasks", page.Find(".tasks-total").TextContent.Trim());
    }

    [Fact]
    public async Task A_row_appears_when_it_is_stored_without_being_asked_for()
    {
        IRenderedComponent<TasksPage> page = Open("tasks");
        Assert.Contains("no tasks yet", page.Find(".grid-empty").TextContent, StringComparison.Ordinal);
        _context.Write(SomeTask.Record(Begin));
        await page.WaitForAssertionAsync(() => Assert.Single(page.FindAll(".grid-rows [role=row]")), TimeSpan.FromSeconds(10));
        await page.WaitForAssertionAsync(() => Assert.Equal("1 task", page.Find(".tasks-total").TextContent.Trim()), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void What_the_list_cannot_speak_for_is_named_node_by_node()
    {
        _context.Freshness.Hidden("shy", "n4", Begin, TimeSpan.Zero, "The token sees only its own tasks.");
        _context.Write(new TaskBatch
        {
            Tasks = [SomeTask.Record(Begin)],
            Nodes =
            [
                new NodeReport("lost", "n1", Begin) { Reached = false },
                new NodeReport("short", "n2", Begin) { Gap = new HistoryGap(Begin - 400, Begin - 300) },
                new NodeReport("shy", "n4", Begin) { Reached = false },
            ],
        });
        IRenderedComponent<TasksPage> page = Open("tasks");
        Assert.Equal("May lack tasks of 3 nodes", page.Find(".unknown-note summary").TextContent);
        string[] lacks = [.. page.FindAll(".unknown-note li").Select(item => string.Join(' ', item.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(["lost n1: not reached since", "short n2: forgotten before they were fetched, to", "shy n4: the token sees only its own tasks"], lacks);
    }

    [Fact]
    public async Task What_is_typed_stays_whatever_comes_back_of_it_late()
    {
        var asked = new List<string?>();
        IRenderedComponent<FilterBar> bar = _context.Render<FilterBar>(parameters => parameters
            .Add(filters => filters.Filters, Filters(""))
            .Add(filters => filters.OnChange, filters => asked.Add(filters["text"])));
        foreach (string typed in new[] { "a", "abc" })
        {
            bar.Find("[data-search]").Input(typed);
            await bar.WaitForAssertionAsync(() => Assert.Equal(typed, asked.LastOrDefault()), TimeSpan.FromSeconds(10));
        }

        // The list is drawn again for another reason, then the address has the first of what was typed, then all of it.
        foreach (string address in new[] { "", "?text=a", "?text=abc" })
        {
            bar.Render(parameters => parameters.Add(filters => filters.Filters, Filters(address)));
            Assert.Equal("", bar.Find("[data-search]").GetAttribute("value") ?? "");
        }

        bar.Render(parameters => parameters.Add(filters => filters.Filters, Filters("?text=other")));
        Assert.Equal("other", bar.Find("[data-search]").GetAttribute("value"));

        static TaskFilters Filters(string query) => TaskFilters.Of(new Uri($"http://host/tasks{query}"));
    }

    [Fact]
    public void Filters_are_chips_and_go_when_they_are_closed()
    {
        _context.Write(SomeTask.Record(Begin, remote: "a"), SomeTask.Record(Begin, remote: "b"));
        IRenderedComponent<TasksPage> page = Open("tasks?remote=a&text=qm");
        Assert.Equal(["Remote: a", "Text: qm"], page.FindAll(".chip").Select(chip => string.Join(' ', chip.TextContent.Replace("✕", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Single(page.FindAll(".grid-rows [role=row]"));
        page.Find("[aria-label='Remove the filter Remote']").Click();
        Assert.EndsWith("tasks?text=qm", Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll(".grid-rows [role=row]").Count);
    }

    [Fact]
    public void A_status_that_is_pressed_is_in_the_address()
    {
        IRenderedComponent<TasksPage> page = Open("tasks");
        page.Find("button.status-error").Click();
        Assert.EndsWith("tasks?statusfilter=error", Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal("true", page.Find("button.status-error").GetAttribute("aria-pressed"));
    }

    [Fact]
    public void What_a_filter_cannot_be_is_said_at_the_filter()
    {
        IRenderedComponent<TasksPage> page = Open("tasks?guest=many");
        Assert.Contains("whole number", page.Find(".chip.wrong em").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Downloads_have_the_filters_of_the_list()
    {
        IRenderedComponent<TasksPage> page = Open("tasks?remote=a&statusfilter=error,unknown");
        Assert.Equal(
            ["export/tasks.csv?remote=a&statusfilter=error,unknown", "export/tasks.jsonl?remote=a&statusfilter=error,unknown"],
            page.FindAll(".filters-export a").Select(link => Uri.UnescapeDataString(link.GetAttribute("href")!)));
    }

    [Fact]
    public void Text_of_a_remote_is_text()
    {
        _context.Write(SomeTask.Record(Begin, status: SmallDaemon.Hostile, type: "<b>t</b>", id: "\u202Ex", user: "<i>u</i>"));
        IRenderedComponent<TasksPage> page = Open("tasks");
        IElement row = page.Find(".grid-rows [role=row]");
        Assert.Empty(row.QuerySelectorAll("script, img, b, i"));
        Assert.Contains("<script>", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("⟨U+202E⟩gnitset", row.TextContent, StringComparison.Ordinal);

        // The name for the script is nothing that anybody sees.
        row.RemoveAttribute("data-upid");
        Assert.DoesNotContain('\u202E', row.OuterHtml);
        Assert.DoesNotContain('\u001b', row.OuterHtml);
    }

    [Fact]
    public async Task The_counter_in_the_header_follows_what_runs()
    {
        IRenderedComponent<RunningCounter> counter = _context.Render<RunningCounter>();
        Assert.Empty(counter.Markup.Trim());
        _context.Write(SomeTask.Record(Begin, took: null, status: null));
        await counter.WaitForAssertionAsync(() => Assert.Equal("1", counter.Find(".counter").TextContent), TimeSpan.FromSeconds(10));
        _context.Write(SomeTask.Record(Begin));
        await counter.WaitForAssertionAsync(() => Assert.Empty(counter.FindAll(".counter")), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_page_that_nobody_sees_is_left_alone_until_it_is_seen_again()
    {
        PageVisibility visibility = _context.Services.GetRequiredService<PageVisibility>();
        IRenderedComponent<RunningCounter> hidden = _context.Render<RunningCounter>();
        visibility.Set(isHidden: true);
        using var told = new SemaphoreSlim(0);
        using IDisposable listening = _context.Services.GetRequiredService<CacheChanges>().Subscribe(() => Task.FromResult(told.Release()));
        _context.Write(SomeTask.Record(Begin, took: null, status: null));
        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, hidden.RenderCount);
        visibility.Set(isHidden: false);
        await hidden.WaitForAssertionAsync(() => Assert.Equal("1", hidden.Find(".counter").TextContent), TimeSpan.FromSeconds(10));
    }

    private IRenderedComponent<TasksPage> Open(string address)
    {
        Navigation.NavigateTo(address);
        return _context.Render<TasksPage>();
    }
}
