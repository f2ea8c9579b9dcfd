using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>The demo shows a fleet, and however it is ended, nothing of it stays.</summary>
public sealed class DemoProcessTests
{
    [Fact]
    public async Task It_ends_by_itself_and_leaves_nothing_behind()
    {
        using var temp = new TempDirectory();
        await using ProductProcess demo = Start(temp, "--for", "3");
        string token = await demo.AfterAsync("Token:");
        Assert.StartsWith("rt_", token, StringComparison.Ordinal);
        Assert.Equal(0, (await demo.EndAsync()).ExitCode);
        Assert.Contains("Starting 1 cluster of 2 nodes and 1 backup server with 200 tasks", demo.Said, StringComparison.Ordinal);
        Assert.Matches("[0-9]+ tasks, [0-9]+ running, [0-9]+ failed, .* began in the last minute", demo.Said);
        Assert.DoesNotContain('\u001b', demo.Said);
        Assert.Empty(Left(temp));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    public async Task A_signal_ends_it_within_seconds_and_nothing_is_left(string signal)
    {
        using var temp = new TempDirectory();
        await using ProductProcess demo = Start(temp);
        string url = await demo.AfterAsync("URL:");
        string link = await demo.AfterAsync("Open:");
        Assert.NotEmpty(Left(temp));
        using (var http = new HttpClient())
        {
            Assert.Contains("\"remotes\":2", await http.GetStringAsync(new Uri(url + "health")), StringComparison.Ordinal);
            Assert.StartsWith(url + "sign-in/once/", link, StringComparison.Ordinal);
            using HttpResponseMessage signedIn = await http.GetAsync(new Uri(link));
            Assert.Contains(signedIn.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-remote-tasks-session-", StringComparison.Ordinal));
        }

        await demo.SignalAsync(signal);
        (int exitCode, TimeSpan took) = await demo.EndAsync();
        Assert.Equal(0, exitCode);
        Assert.True(took < TimeSpan.FromSeconds(10), $"{took}");
        Assert.Empty(Left(temp));
        Assert.DoesNotContain("   at ", demo.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_nothing_is_left()
    {
        using var temp = new TempDirectory();
        await using var stranger = new Stranger("text/plain", "");
        int port = new Uri(stranger.Url).Port;
        await using ProductProcess demo = Start(temp, "--port", $"{port}");
        Assert.Equal(1, (await demo.EndAsync()).ExitCode);
        Assert.Contains($"Cannot listen on 127.0.0.1:{port}: another program listens there", demo.Said, StringComparison.Ordinal);
        Assert.Empty(Left(temp));
    }

    /// <summary>Its temporary directory lies in ours, so that no other test's is seen.</summary>
    private static ProductProcess Start(TempDirectory temp, params string[] more) => ProductProcess.Start(
        ["demo", "--remotes", "2", "--nodes", "2", "--tasks", "200", .. more.Contains("--port") ? [] : (string[])["--port", "0"], .. more],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = temp.Path });

    private static string[] Left(TempDirectory temp) => Directory.GetFileSystemEntries(temp.Path, "remote-tasks-demo-*");
}
