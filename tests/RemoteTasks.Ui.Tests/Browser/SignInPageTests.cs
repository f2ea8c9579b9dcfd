using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using RemoteTasks.Ui.Tests.Support;

namespace RemoteTasks.Ui.Tests.Browser;

/// <summary>The one page that everybody may see.</summary>
public sealed class SignInPageTests(SmallDaemon daemon, Chromium chromium) : IClassFixture<SmallDaemon>
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_sign_in_page_has_no_barrier(ColorScheme colours)
    {
        await using IBrowserContext context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = colours });
        IPage page = await context.NewPageAsync();
        await page.GotoAsync($"{daemon.Server.Url}sign-in");
        AxeResult found = await page.RunAxe();
        Assert.NotEmpty(found.Passes);
        Assert.Empty(found.Violations.SelectMany(rule => rule.Nodes.Select(node => $"{rule.Id}: {rule.Help}: {node.Html}")));
    }
}
