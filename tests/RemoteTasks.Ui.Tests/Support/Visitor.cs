using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using RemoteTasks.Server;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>Somebody with a browser who has signed in with the admin token. Notes everything that a page must not do: errors, refused content, other hosts.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _url;
    private readonly List<string> _complaints = [];

    private Visitor(IBrowserContext context, IPage page, Uri url)
    {
        (_context, Page, _url) = (context, page, url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                Complain($"console: {message.Text}");
        };
        page.PageError += (_, error) => Complain($"script: {error}");
        page.Request += (_, request) =>
        {
            var asked = new Uri(request.Url);
            if (asked.Scheme is "http" or "https" or "ws" or "wss" && asked.Authority != url.Authority)
                Complain($"another host: {request.Url}");
            if (asked.Scheme is "http" or "https" or "ws" or "wss" && !asked.AbsolutePath.StartsWith(url.AbsolutePath, StringComparison.Ordinal))
                Complain($"outside of {url.AbsolutePath}: {request.Url}");
        };
    }

    internal IPage Page { get; }

    /// <summary>What the pages did that they must not; empty when all is well.</summary>
    internal IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints];
        }
    }

    internal static async Task<Visitor> SignInAsync(IBrowser browser, RemoteTasksServer server, ColorScheme colours = ColorScheme.Light, int width = 1366, int height = 768, string under = "")
    {
        var url = new Uri(server.Url, under);
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = colours,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            TimezoneId = "Europe/Vienna",
            AcceptDownloads = true,
        });
        IPage page = await context.NewPageAsync();
        await page.GotoAsync($"{url}sign-in");
        await page.FillAsync("#token", (await File.ReadAllTextAsync(server.TokenFile)).Trim());
        await page.ClickAsync("button:has-text('Sign in with the token')");
        await StartedAsync(page);
        return new Visitor(context, page, url);
    }

    /// <summary>Opens a page and waits until it is alive.</summary>
    internal async Task OpenAsync(string path)
    {
        await Page.GotoAsync($"{_url}{path}");
        await StartedAsync(Page);
        if (path.StartsWith("tasks", StringComparison.Ordinal))
            await Page.WaitForSelectorAsync(".grid[data-ready]");
    }

    /// <summary>What axe finds, in words.</summary>
    internal async Task<IReadOnlyList<string>> ViolationsAsync()
    {
        AxeResult found = await Page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } });
        return [.. found.Violations.SelectMany(rule => rule.Nodes.Select(node => $"{rule.Id}: {rule.Help}: {node.Html}"))];
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static async Task StartedAsync(IPage page) =>
        await page.WaitForSelectorAsync("html[data-started]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Attached });

    private void Complain(string what)
    {
        lock (_complaints)
            _complaints.Add(what);
    }
}
