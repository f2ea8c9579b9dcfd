using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>What is printed as it comes, by the real executable, until Ctrl-C.</summary>
public sealed class FollowTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_goes_on_with_what_begins_and_what_ends(bool fromDaemon)
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync(new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 0, HistoryTasks = 30, TasksPerNodePerHour = 0 });
        await daemon.GoodAsync("refresh");
        string[] source = fromDaemon ? daemon.Options : ["--cache", daemon.Server.Cache.Directory];
        string newest = (await CommandResult.GoodAsync(["list", "--limit", "1", "--format", "jsonl", .. source])).TrimEnd();
        await using ProductProcess process = ProductProcess.Start(["list", "--follow", "--limit", "3", "--format", "jsonl", .. source]);
        await process.AfterAsync(newest[..^1]);
        Assert.Equal(3, Rows(process).Length);
        Assert.Equal(newest, Rows(process)[^1]);

        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "777", "root@pam", duration: null);
        await process.AfterAsync(task.Upid);
        daemon.Fleet.EndTask(task.Upid, "got no worker");
        await process.AfterAsync("got no worker");
        string[] rows = Rows(process);
        Assert.Equal(5, rows.Length);
        Assert.Equal(JsonValueKind.Undefined, End(rows[3]));
        Assert.Equal(JsonValueKind.Number, End(rows[4]));
        Assert.Equal(rows.Distinct(StringComparer.Ordinal), rows);

        await process.SignalAsync("INT");
        Assert.Equal(0, (await process.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_following_of_a_log_and_not_the_task()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        string upid = FleetDaemon.Upid(daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", duration: null));
        await using ProductProcess process = ProductProcess.Start(["log", upid, "-f", .. daemon.Options]);
        await process.AfterAsync("INFO: started by");
        await process.SignalAsync("INT");
        Assert.Equal(0, (await process.EndAsync()).ExitCode);
        Assert.Contains("running", await daemon.GoodAsync("status", upid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_followed_is_refused()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        foreach (string more in (string[])["--format json", "--start 1", "--after pve:a!UPID:n:00000001:00000001:6B000000:qmstart:1:root@pam:"])
            Assert.Equal(2, (await daemon.RunAsync(["list", "--follow", .. more.Split(' ')])).ExitCode);
    }

    private static string[] Rows(ProductProcess process) => [.. process.Said.Split('\n').Where(line => line.StartsWith('{'))];

    private static JsonValueKind End(string row) => JsonDocument.Parse(row).RootElement.TryGetProperty("endtime", out JsonElement end) ? end.ValueKind : JsonValueKind.Undefined;
}
