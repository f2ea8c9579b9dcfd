using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>The commands that a daemon answers.</summary>
public sealed class DaemonCommandTests
{
    [Fact]
    public async Task Refresh_says_what_came_and_what_did_not()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", duration: null);
        Assert.Contains("pve-01: 0 new, 1 running\n", await daemon.GoodAsync("refresh"), StringComparison.Ordinal);
        Assert.Equal("pbs-01: 0 new, 0 running\n", await daemon.GoodAsync("refresh", "pbs-01"));
        Assert.Contains("There is no remote 'nobody'", (await daemon.RunAsync("refresh", "nobody")).Error, StringComparison.Ordinal);

        daemon.Fleet.Remotes[0].Fault = _ => FakeFault.Status(401);
        CommandResult refused = await daemon.RunAsync("refresh", "pve-01");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("pve-01 pve-01-n1: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains("pveum user token list", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_printed_whole_or_in_part_and_followed_to_its_end()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.FromSeconds(2), "job errors");
        string upid = FleetDaemon.Upid(task);
        string followed = await daemon.GoodAsync("log", upid, "--follow");
        Assert.EndsWith("TASK ERROR: job errors\n", followed, StringComparison.Ordinal);
        Assert.Equal(followed.Split('\n').Distinct(StringComparer.Ordinal), followed.Split('\n'));
        Assert.Equal(followed, await daemon.GoodAsync("log", upid));
        Assert.Equal(followed.Split('\n')[1] + "\n", await daemon.GoodAsync("log", upid, "--start", "1", "--limit", "1"));
        Assert.Equal(2, (await daemon.RunAsync("log", upid, "--follow", "--limit", "1")).ExitCode);
        Assert.Equal(2, (await daemon.RunAsync("log", "UPID:x")).ExitCode);
        Assert.Equal(1, (await daemon.RunAsync("log", upid.Replace("pve-01!", "gone!", StringComparison.Ordinal))).ExitCode);
    }

    [Fact]
    public async Task A_task_is_shown_and_stopped_when_somebody_says_so()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        string upid = FleetDaemon.Upid(daemon.Fleet.StartTask("pbs-01", "localhost", "verify", "store:vm/100", "root@pam", duration: null));
        Assert.Contains("status:      running\n", await daemon.GoodAsync("status", upid), StringComparison.Ordinal);

        Assert.Equal(2, (await daemon.RunAsync("stop", upid)).ExitCode);
        Assert.Equal(1, (await CommandResult.RunAsync(["stop", upid, .. daemon.Options], says: false)).ExitCode);
        Assert.Contains("status:      running\n", await daemon.GoodAsync("status", upid), StringComparison.Ordinal);
        Assert.Equal(0, (await CommandResult.RunAsync(["stop", upid, .. daemon.Options], says: true)).ExitCode);
        string stopped = await daemon.GoodAsync("status", upid);
        Assert.Contains("status:      stopped\n", stopped, StringComparison.Ordinal);
        Assert.Contains("exit status: aborted\n", stopped, StringComparison.Ordinal);

        daemon.Fleet.Remotes[1].Rights = FakeRights.Audit;
        string others = FleetDaemon.Upid(daemon.Fleet.StartTask("pbs-01", "localhost", "verify", "store:vm/101", "root@pam", duration: null));
        CommandResult refused = await daemon.RunAsync("stop", others, "--yes");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Sys.Modify", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OK", 0)]
    [InlineData("WARNINGS: 1", 0)]
    [InlineData("migration aborted", 1)]
    public async Task Who_started_a_task_learns_how_it_ended(string status, int exitCode)
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        string upid = FleetDaemon.Upid(daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmmigrate", "100", "root@pam", TimeSpan.FromSeconds(2), status));
        CommandResult ended = await daemon.RunAsync("track", upid, "--wait");
        Assert.Equal((exitCode, status + "\n"), (ended.ExitCode, ended.Out));
        Assert.Equal("It is followed until it ends.\n", await daemon.GoodAsync("track", upid));
        Assert.Equal(1, (await daemon.RunAsync("track", upid.Replace(":00", ":0F", StringComparison.Ordinal))).ExitCode);
    }

    [Fact]
    public async Task Freshness_is_a_table_of_nodes_with_what_is_wrong_of_each()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync();
        daemon.Fleet.SetClock("pbs-01", TimeSpan.FromMinutes(5));
        daemon.Fleet.Remotes[0].Rights = FakeRights.None;
        await daemon.RunAsync("refresh");
        string[] lines = (await daemon.GoodAsync("freshness")).Split('\n');
        Assert.StartsWith("REMOTE  NODE", lines[0], StringComparison.Ordinal);
        Assert.Matches("^pbs-01  localhost  .*  (299|300|301) s ahead", lines[1]);
        Assert.Matches("^pve-01  pve-01-n1  .*sees only its own tasks.*pveum acl modify", lines[2]);
        Assert.Contains("\"remotes\":[{\"remote\":\"pbs-01\",\"type\":\"pbs\",\"nodes\":1,\"reachable\":1", await daemon.GoodAsync("freshness", "--format", "json"), StringComparison.Ordinal);
        CommandResult list = await daemon.RunAsync("list");
        Assert.Contains("Lacking: pve-01 pve-01-n1 shows the token only its own tasks", list.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_this_machine_goes_to_no_other_one()
    {
        CommandResult elsewhere = await CommandResult.RunAsync("refresh", "--server", "http://192.0.2.1:8480");
        Assert.Equal(2, elsewhere.ExitCode);
        Assert.Contains("--token-file", elsewhere.Error, StringComparison.Ordinal);
    }
}
