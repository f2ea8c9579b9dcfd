using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using RemoteTasks.Cache;
using RemoteTasks.Server.Tests.Support;
using RemoteTasks.Tests;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Browser;

/// <summary>Many open pages over a daemon to which tasks come without a pause. All browsers are on the same machine, and take most of it.</summary>
[Collection(nameof(Measured))]
public sealed class CrowdTests(LargeDaemon daemon, Chromium chromium, ITestOutputHelper output) : IClassFixture<LargeDaemon>
{
    private const int TasksAtOnce = 50;
    private const int Looks = 15;

    private static readonly int Pages = Effort.Of(usual: 10, nightly: 50);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Paths = ["tasks", "", "running", "tasks?errors=1"];

    [Fact]
    public async Task Many_open_pages_on_a_busy_daemon_stay_responsive()
    {
        var visitors = new List<Visitor>();
        for (int i = 0; i < Pages; i++)
        {
            visitors.Add(await Visitor.SignInAsync(chromium.Browser, daemon.Server));
            await visitors[i].OpenAsync(Paths[i % Paths.Length]);
        }

        using var http = new HttpClient { BaseAddress = daemon.Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim());
        bool isResponsive = await IsResponsiveAsync(visitors[0].Page, http);
        if (!isResponsive)
        {
            // Other tests only add to a time.
            using IDisposable? alone = await SharedMachineAttribute.AloneAsync(output, TestContext.Current.CancellationToken);
            isResponsive = await IsResponsiveAsync(visitors[0].Page, http);
        }

        foreach (Visitor visitor in visitors)
        {
            Assert.Empty(visitor.Complaints);
            await visitor.DisposeAsync();
        }

        Assert.True(isResponsive, "The pages are not responsive.");
    }

    /// <summary>While tasks come without a pause: how long a page, a program and who follows the list wait, and whether that is not too long.</summary>
    private async Task<bool> IsResponsiveAsync(IPage page, HttpClient http)
    {
        using var ending = new CancellationTokenSource();
        Task<int> busy = FillAsync(ending.Token);
        TimeSpan usedBefore = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        var shown = new List<double>();
        var answered = new List<double>();
        for (int i = 0; i < Looks; i++)
        {
            shown.Add(await TimeAsync(() => JumpAsync(page, i % 2 == 0 ? "End" : "Home")));
            answered.Add(await TimeAsync(() => http.GetByteArrayAsync(new Uri($"api2/json/remotes/tasks/list?limit=500&start={i * 1000}", UriKind.Relative))));
        }

        double share = (Environment.CpuUsage.TotalTime - usedBefore) / Stopwatch.GetElapsedTime(began);
        long total = await TotalAsync(page);
        double followed = await TimeAsync(() => page.WaitForFunctionAsync("total => Number(document.querySelector('.grid').dataset.total) > total", total));
        await ending.CancelAsync();
        output.WriteLine($"{Pages} pages, {await busy:N0} tasks came: {Figures("to an end of the list", shown)}; {Figures("a new question by REST", answered)}; "
            + $"the next change shown after {followed:F0} ms; daemon and test took {share:P0} of a core");
        return Median(shown) <= 1000 && Median(answered) <= 100 && followed <= 5000;
    }

    /// <summary>Tasks come until somebody ends it; how many.</summary>
    private async Task<int> FillAsync(CancellationToken ct)
    {
        int count = 0;
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        for (; !ct.IsCancellationRequested; count += TasksAtOnce)
        {
            TaskRecord[] tasks = [.. Enumerable.Range(count, TasksAtOnce).Select(number => SomeTask.Record(now, number))];
            await daemon.Server.Store.WriteAsync(writer => writer.Update(new TaskBatch { Tasks = tasks }), CancellationToken.None);
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }

        return count;
    }

    private static async Task JumpAsync(IPage page, string key)
    {
        await page.FocusAsync(".grid");
        await page.Keyboard.PressAsync(key);
        await page.WaitForFunctionAsync("""
            key => {
              const grid = document.querySelector('.grid');
              const row = document.getElementById(grid.getAttribute('aria-activedescendant'));
              return row && (key === 'Home' ? row.id === 'row-0' : Number(row.id.slice(4)) > 1400000);
            }
            """, key, new PageWaitForFunctionOptions { PollingInterval = 10 });
    }

    private static async Task<long> TotalAsync(IPage page) => long.Parse((await page.GetAttributeAsync(".grid", "data-total"))!, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        long began = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> times) => times.Order().ElementAt(times.Count() / 2);

    private static string Figures(string what, List<double> times) => $"{what}: median {Median(times):F0} ms, at most {times.Max():F0}";
}
