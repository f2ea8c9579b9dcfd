using System.Diagnostics;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(RemoteTasks.Ui.Tests.Support.Chromium))]

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>Debian's browser, started once for all tests. Where it is missing and cannot be installed, the tests that need it are skipped, and say so.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal IBrowser Browser
    {
        get
        {
            Assert.SkipWhen(_browser is null, "THE PAGE IS NOT TESTED: there is no /usr/bin/chromium. Install it: apt-get install chromium fonts-dejavu-core");
            return _browser!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable) && Environment.UserName == "root")
            await InstallAsync();
        if (!File.Exists(Executable))
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Executable, Args = Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static async Task InstallAsync()
    {
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null"]);
            using Process install = Process.Start(start)!;
            await install.WaitForExitAsync();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No shell, no apt-get: the tests say that they were skipped.
        }
    }
}
