using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>The daemon as it is run: a process that is asked by the command line, told to end, and started where it cannot be.</summary>
public sealed class ServeProcessTests
{
    private static readonly FleetOptions Small = new() { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 300, TasksPerNodePerHour = 0 };

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_polls_answers_and_ends_on_a_signal_within_seconds(string signal)
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(Small);
        await using ProductProcess daemon = Serve(directory, fleet, "data");
        string url = await daemon.AfterAsync("Serving");
        string token = directory.PathOf("data/admin-token");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(token));
        int expected = fleet.Remembered().Count;
        long total = 0;
        for (int i = 0; i < 100 && total < expected; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            string body = await CommandResult.GoodAsync("list", "--server", url, "--token-file", token, "--format", "json", "--limit", "1");
            total = JsonDocument.Parse(body).RootElement.GetProperty("total").GetInt64();
        }

        Assert.Equal(expected, total);
        using (var http = new HttpClient { BaseAddress = new Uri(url) })
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, "health");
            using HttpResponseMessage answer = await http.SendAsync(head);
            Assert.True(answer.IsSuccessStatusCode);
            Assert.DoesNotContain("pve-01", await http.GetStringAsync(new Uri("health", UriKind.Relative)), StringComparison.Ordinal);
        }

        await daemon.SignalAsync(signal);
        (int exitCode, TimeSpan took) = await daemon.EndAsync();
        Assert.Equal(0, exitCode);
        Assert.True(took < TimeSpan.FromSeconds(10), $"{took}");
        Assert.DoesNotContain((await File.ReadAllTextAsync(token)).Trim(), daemon.Said, StringComparison.Ordinal);

        // A link that signs in is for a person's eyes, not for a log.
        Assert.DoesNotContain("/sign-in/once/", daemon.Said, StringComparison.Ordinal);
        Assert.All(Secrets(directory), secret => Assert.DoesNotContain(secret, daemon.Said, StringComparison.Ordinal));
        Assert.Contains("good.", await CommandResult.GoodAsync("check", "--cache", directory.PathOf("data/remote-tasks")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_one_on_the_same_port_or_data_is_told_why_it_cannot_start_and_harms_nothing()
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(Small);
        await using ProductProcess first = Serve(directory, fleet, "data");
        string url = await first.AfterAsync("Serving");

        await using ProductProcess samePort = Serve(directory, fleet, "other", "--listen", new Uri(url).Authority);
        Assert.Equal(1, (await samePort.EndAsync()).ExitCode);
        Assert.Contains($"Cannot listen on {new Uri(url).Authority}: another program listens there", samePort.Said, StringComparison.Ordinal);
        await using ProductProcess sameData = Serve(directory, fleet, "data");
        Assert.Equal(1, (await sameData.EndAsync()).ExitCode);
        Assert.Contains($"Another daemon works in '{directory.PathOf("data")}' already", sameData.Said, StringComparison.Ordinal);
        await using ProductProcess nowhere = Serve(directory, fleet, "third", "--listen", "192.0.2.1:8480");
        Assert.Equal(1, (await nowhere.EndAsync()).ExitCode);
        Assert.Contains("Cannot listen on 192.0.2.1:8480", nowhere.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", samePort.Said + sameData.Said + nowhere.Said, StringComparison.Ordinal);

        // The first goes on, and when it is gone, even by force, its place is free.
        await CommandResult.GoodAsync("list", "--server", url, "--token-file", directory.PathOf("data/admin-token"));
        await first.SignalAsync("KILL");
        await first.EndAsync();
        await using ProductProcess next = Serve(directory, fleet, "data");
        await next.AfterAsync("Serving");
    }

    [Fact]
    public async Task Neither_the_current_directory_nor_the_environment_opens_it_to_others()
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(Small);
        string elsewhere;
        await using (var free = new Stranger("text/plain", ""))
            elsewhere = free.Url;
        await File.WriteAllTextAsync(
            directory.PathOf("appsettings.json"), $$$$"""{"Kestrel":{"Endpoints":{"Other":{"Url":"{{{{elsewhere}}}}"}}},"Logging":{"LogLevel":{"Default":"Trace"}}}""");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = elsewhere, ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Kestrel__Endpoints__Other__Url"] = elsewhere,
        };
        await using ProductProcess daemon = ProductProcess.Start(Arguments(directory, fleet, "data", []), environment, directory.Path);
        await daemon.AfterAsync("Serving");
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(elsewhere + "health")));
        Assert.DoesNotContain("dbug", daemon.Said, StringComparison.Ordinal);
    }

    private static ProductProcess Serve(TempDirectory directory, Fleet fleet, string data, params string[] more) =>
        ProductProcess.Start(Arguments(directory, fleet, data, more));

    private static string[] Arguments(TempDirectory directory, Fleet fleet, string data, string[] more)
    {
        string remotes = directory.PathOf("remotes.json");
        if (!File.Exists(remotes))
            fleet.WriteRemotesFile(remotes);
        return ["serve", "--remotes", remotes, "--data", directory.PathOf(data), .. more.Length > 0 ? more : ["--listen", "127.0.0.1:0"]];
    }

    private static IEnumerable<string> Secrets(TempDirectory directory)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(directory.PathOf("remotes.json")));
        return [.. document.RootElement.GetProperty("remotes").EnumerateArray().Select(remote => remote.GetProperty("token").GetString()!)];
    }
}
