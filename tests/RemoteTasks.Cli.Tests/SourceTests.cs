using System.Net;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.Server;

namespace RemoteTasks.Cli.Tests;

/// <summary>A directory and a daemon on it answer alike; what a daemon refuses is explained.</summary>
public sealed class SourceTests
{
    private static readonly string[] Filters =
    [
        "", "--remote pve-2", "--node n3", "--type vz", "--user u3@", "--status error,unknown", "--status running", "--errors", "--running", "--guest 103",
        "--worker-id 104", "--text JOB", "--since 1790000100", "--until 1790000200", "--since 2026-09-21T14:15 --until 2026-09-21T14:20:00Z", "--start 37 --limit 11",
        "--limit 1", "--remote pve-1 --errors --type qm --start 3", "--text ü%&+#?=@", "--remote nobody",
    ];

    [Fact]
    public async Task The_same_question_has_the_same_answer_from_a_directory_and_from_a_daemon()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Mixed(600));
        await using RemoteTasksServer daemon = await ServeAsync(directory);
        string[] server = ["--server", daemon.Url.ToString(), "--token-file", daemon.TokenFile];
        foreach (string filter in Filters)
        {
            string[] filters = filter.Length == 0 ? [] : filter.Split(' ');
            foreach (string format in (string[])["json", "jsonl", "csv", "table"])
                await AssertSameAsync(["list", "--format", format, .. filters], ["--cache", cache], server);
            if (!filter.Contains("--start", StringComparison.Ordinal) && !filter.Contains("--limit", StringComparison.Ordinal))
                await AssertSameAsync(["stats", "--format", "json", .. filters], ["--cache", cache], server);
        }
    }

    [Fact]
    public async Task All_rows_of_many_pages_come_once_and_in_order()
    {
        using var directory = new TempDirectory();
        string cache = await SampleCache.MakeAsync(directory, SampleCache.Mixed(12_345));
        await using RemoteTasksServer daemon = await ServeAsync(directory);
        string[] server = ["--server", daemon.Url.ToString().TrimEnd('/'), "--token-file", daemon.TokenFile];
        foreach (string paging in (string[])["--limit 0", "--limit 10001", "--limit 0 --start 4999", "--limit 5000"])
            await AssertSameAsync(["list", "--format", "jsonl", .. paging.Split(' ')], ["--cache", cache], server);
        Assert.Equal(12_345, (await CommandResult.GoodAsync(["list", "--format", "jsonl", "--limit", "0", .. server])).Count(c => c == '\n'));
    }

    [Fact]
    public async Task A_wrong_token_and_a_refused_parameter_are_explained()
    {
        using var directory = new TempDirectory();
        await SampleCache.MakeAsync(directory, SampleCache.Line(1));
        await using RemoteTasksServer daemon = await ServeAsync(directory);
        string url = daemon.Url.ToString();
        await File.WriteAllTextAsync(directory.PathOf("wrong"), "rt_wrong-token-of-somebody\n");
        CommandResult wrong = await CommandResult.RunAsync("list", "--server", url, "--token-file", directory.PathOf("wrong"));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("401", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("admin-token", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", wrong.Error, StringComparison.Ordinal);

        using var source = new Sources.ServerSource(url, daemon.TokenFile);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(
            () => source.WriteListAsync(new Cache.TaskQuery { Limit = -1 }, Stream.Null, CancellationToken.None));
        Assert.Equal("The daemon answered 400: parameter verification errors: limit must be a whole number, 0 or more", refused.Message);

        await File.WriteAllTextAsync(directory.PathOf("empty"), "\n");
        Assert.Equal(2, (await CommandResult.RunAsync("list", "--server", url, "--token-file", directory.PathOf("empty"))).ExitCode);
    }

    [Theory]
    [InlineData("text/html", "<html>hello</html>")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", "[1,2")]
    public async Task Something_else_that_answers_is_not_taken_for_a_daemon(string type, string body)
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.PathOf("token"), "rt_secret-0123456789abcdef");
        await using var stranger = new Stranger(type, body);
        foreach (string command in (string[])["list", "stats"])
        {
            CommandResult result = await CommandResult.RunAsync(command, "--server", stranger.Url, "--token-file", directory.PathOf("token"));
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("is not a remote-tasks daemon", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_daemon_that_is_not_there_is_named()
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.PathOf("token"), "rt_secret-0123456789abcdef");
        string url;
        await using (var stranger = new Stranger("text/plain", ""))
            url = stranger.Url;
        CommandResult result = await CommandResult.RunAsync("list", "--server", url, "--token-file", directory.PathOf("token"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"The daemon at {url} cannot be reached", result.Error, StringComparison.Ordinal);
    }

    private static Task<RemoteTasksServer> ServeAsync(TempDirectory directory) => RemoteTasksServer.StartAsync(
        new ServerOptions { Remotes = [], DataDirectory = directory.Path, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, static _ => { });

    private static async Task AssertSameAsync(string[] question, string[] directory, string[] server)
    {
        CommandResult fromDirectory = await CommandResult.RunAsync([.. question, .. directory], input: null);
        CommandResult fromServer = await CommandResult.RunAsync([.. question, .. server], input: null);
        Assert.True(fromDirectory == fromServer, $"{string.Join(' ', question)}\n{fromDirectory}\n{fromServer}");
        Assert.Equal(0, fromServer.ExitCode);
    }
}
