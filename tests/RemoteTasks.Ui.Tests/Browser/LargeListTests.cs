using System.Diagnostics;
using Microsoft.Playwright;
using RemoteTasks.Cache;
using RemoteTasks.Tests;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Browser;

/// <summary>The list over 1.5 million tasks in a real browser: how quick it is, and that every row can be reached.</summary>
[Collection(nameof(Measured))]
public sealed class LargeListTests(LargeDaemon daemon, Chromium chromium, ITestOutputHelper output) : IClassFixture<LargeDaemon>, IAsyncLifetime
{
    // What is seen is all drawn: there is a row at both ends of the visible part, or of a list that is shorter.
    private const string Helpers = """
        () => {
          const grid = document.querySelector('.grid');
          const at = (box, y) => document.elementFromPoint(box.left + 60, box.top + y)?.closest('.grid-rows > .grid-row');
          const frame = () => new Promise(done => requestAnimationFrame(done));
          globalThis.press = key => grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          globalThis.isDrawn = () => {
            const head = grid.querySelector('.grid-head').offsetHeight;
            const box = grid.getBoundingClientRect();
            const rows = Math.min(grid.clientHeight - head, Number(grid.dataset.total) * 26);
            return rows === 0 || (at(box, head + 4) && at(box, head + rows - 4));
          };
          globalThis.until = async (act, test) => {
            await frame();
            const began = performance.now();
            act(grid);
            while (!test(grid)) {
              if (performance.now() - began > 20000)
                throw new Error('not drawn after 20 s');
              await frame();
            }
            return performance.now() - began;
          };
        }
        """;

    private const int RoundsMax = 5;

    private static readonly TimeSpan BeforeRound = TimeSpan.FromSeconds(1);

    private Visitor _visitor = null!;

    private IPage Page => _visitor.Page;

    public async ValueTask InitializeAsync()
    {
        _visitor = await Visitor.SignInAsync(chromium.Browser, daemon.Server);
        await _visitor.OpenAsync("tasks");
        await Page.EvaluateAsync(Helpers);
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_visitor.Complaints);
        await _visitor.DisposeAsync();
    }

    [Fact]
    public async Task First_rows_are_there_within_a_second_of_opening()
    {
        await WithinAsync(1000, "opened", times: 5, async () =>
        {
            long began = Stopwatch.GetTimestamp();
            await Page.ReloadAsync(new PageReloadOptions { WaitUntil = WaitUntilState.Commit });
            await Page.WaitForSelectorAsync(".grid-rows rt-time:not(:empty)");
            double time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await Page.WaitForSelectorAsync(".grid[data-ready]");
            return time;
        });
    }

    [Fact]
    public async Task The_last_row_is_reached_within_300_ms_and_is_the_oldest_task()
    {
        await WithinAsync(300, "jumped to the last row", times: 7, async () =>
        {
            double time = await Page.EvaluateAsync<double>("() => until(grid => press('End'), grid => document.getElementById(`row-${grid.dataset.total - 1}`) && isDrawn())");
            Assert.Equal(Oldest(), await Page.EvaluateAsync<string>("() => document.querySelector('.grid-rows').lastElementChild.dataset.upid"));
            await Page.EvaluateAsync<double>("() => until(() => press('Home'), () => document.getElementById('row-0') && isDrawn())");
            return time;
        });
        Assert.Equal($"{LargeDaemon.Tasks + LargeDaemon.Burst}", await Page.GetAttributeAsync(".grid", "data-total"));
    }

    [Fact]
    public Task Each_step_of_scrolling_is_drawn_within_100_ms() =>
        WithinAsync(100, "scrolled by 400 px", times: 60, () => Page.EvaluateAsync<double>("() => until(grid => grid.scrollBy(0, 400), () => isDrawn())"));

    [Fact]
    public Task Dragged_to_anywhere_the_bar_shows_rows_within_300_ms() =>
        WithinAsync(300, "dragged", [0.5, 0.1, 0.9, 0.33, 0.75, 0.02, 0.98], share =>
            Page.EvaluateAsync<double>("share => until(grid => { grid.scrollTop = grid.scrollHeight * share; }, () => isDrawn())", share));

    [Fact]
    public async Task A_filter_is_drawn_within_300_ms()
    {
        await WithinAsync(300, "filtered by text", ["qmstart", "vzdump", "alice", "error", "root", "backup", ""], text => Page.EvaluateAsync<double>("""
            async text => {
              const search = document.querySelector('[data-search]');
              const before = document.querySelector('.grid').dataset.generation;
              return await until(() => { search.value = text; search.dispatchEvent(new Event('input', { bubbles: true })); },
                grid => grid.dataset.generation !== before && isDrawn());
            }
            """, text));
        Assert.Equal($"{LargeDaemon.Tasks + LargeDaemon.Burst}", await Page.GetAttributeAsync(".grid", "data-total"));
    }

    [Fact]
    public async Task All_tasks_of_one_busy_second_are_reached_by_paging()
    {
        await _visitor.OpenAsync($"tasks?since={daemon.BurstTime}&until={daemon.BurstTime}&remote=burst");
        await Page.EvaluateAsync(Helpers);
        string[] seen = await Page.EvaluateAsync<string[]>("""
            async () => {
              const seen = new Set();
              const grid = document.querySelector('.grid');
              const note = () => grid.querySelectorAll('.grid-rows > .grid-row').forEach(row => seen.add(row.dataset.upid));
              const end = grid.dataset.total - 1;
              for (let i = 0; i < 400 && grid.getAttribute('aria-activedescendant') !== `row-${end}`; i++) {
                await until(() => press('PageDown'), () => isDrawn());
                note();
              }
              return [...seen];
            }
            """);
        Assert.Equal(LargeDaemon.Burst, seen.Length);
    }

    [Fact]
    public async Task Near_the_end_rows_follow_each_other_without_a_jump()
    {
        await Page.EvaluateAsync<double>("() => until(grid => { grid.scrollTop = grid.scrollHeight * 0.6; }, () => isDrawn())");
        await Page.WaitForTimeoutAsync(300);
        string[] steps = await Page.EvaluateAsync<string[]>("""
            async () => {
              const grid = document.querySelector('.grid');
              const top = () => Number(document.elementFromPoint(grid.getBoundingClientRect().left + 60, grid.getBoundingClientRect().top + 40).closest('.grid-row').id.slice(4));
              const wrong = [];
              for (let i = 0; i < 40; i++) {
                const before = top();
                await until(() => grid.scrollBy(0, 260), () => isDrawn());
                if (i % 10 === 9)
                  await new Promise(done => setTimeout(done, 250));
                const after = top();
                if (Math.abs(after - before - 10) > 1)
                  wrong.push(`${before} -> ${after}`);
              }
              return wrong;
            }
            """);
        Assert.Empty(steps);
    }

    [Fact]
    public async Task The_memory_of_a_page_is_bounded()
    {
        for (int i = 1; i <= 40; i++)
            await Page.EvaluateAsync<double>("share => until(grid => { grid.scrollTop = grid.scrollHeight * share; }, () => isDrawn())", i * 37 % 100 / 100.0);
        await Page.EvaluateAsync("() => globalThis.gc?.()");
        int elements = await Page.EvaluateAsync<int>("() => document.querySelectorAll('*').length");
        double heap = await Page.EvaluateAsync<double>("() => performance.memory.usedJSHeapSize / 1048576");
        output.WriteLine($"After 40 jumps: {elements} elements, {heap:F1} MiB of script memory");
        Assert.InRange(elements, 1, 6000);
        Assert.InRange(heap, 0, 64);
    }

    [Fact]
    public async Task The_histogram_of_all_tasks_takes_milliseconds()
    {
        foreach ((string name, TaskQuery query) in new[] { ("of all", new TaskQuery()), ("of failures", new TaskQuery { Statuses = [StatusClass.Error] }), ("of a type", new TaskQuery { Type = "vzdump" }), ("of a text", new TaskQuery { Text = "alice" }) })
        {
            await WithinAsync(50, $"histogram {name}", times: 15, () =>
            {
                using CacheReader reader = daemon.Server.Cache.Read();
                long began = Stopwatch.GetTimestamp();
                reader.Histogram(query, 160);
                return Task.FromResult(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            });
        }
    }

    private string Oldest()
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.List(new TaskQuery { Start = reader.List(new TaskQuery { Limit = 1 }).Total - 1, Limit = 1 }).Rows[0].Upid;
    }

    private Task WithinAsync(double limitMs, string what, int times, Func<Task<double>> timeAsync) => WithinAsync(limitMs, what, new bool[times], _ => timeAsync());

    /// <summary>
    /// A round's median is what counts, and that of the best round: what else the machine does only adds to a time, and a page that is too
    /// slow is so in every round. After the first one no other test runs meanwhile.
    /// </summary>
    private async Task WithinAsync<T>(double limitMs, string what, IReadOnlyCollection<T> cases, Func<T, Task<double>> timeAsync)
    {
        List<double> medians = [await RoundAsync(what, cases, timeAsync)];
        if (medians[0] <= limitMs)
            return;
        using IDisposable? alone = await SharedMachineAttribute.AloneAsync(output, TestContext.Current.CancellationToken);
        while (medians.Count < RoundsMax)
        {
            await Task.Delay(BeforeRound, TestContext.Current.CancellationToken);
            medians.Add(await RoundAsync(what, cases, timeAsync));
            if (medians[^1] <= limitMs)
                return;
        }

        Assert.Fail($"{what}: medians of {string.Join(", ", medians.Select(median => median.ToString("F0")))} ms, allowed {limitMs} ms");
    }

    private async Task<double> RoundAsync<T>(string what, IReadOnlyCollection<T> cases, Func<T, Task<double>> timeAsync)
    {
        var times = new List<double>();
        foreach (T one in cases)
            times.Add(await timeAsync(one));
        times.Sort();
        double median = times[times.Count / 2];
        output.WriteLine($"{what}: median {median:F1} ms, {times[0]:F1} to {times[^1]:F1} ms in {times.Count}");
        return median;
    }
}
