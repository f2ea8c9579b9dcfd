using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>
/// Invariants checked: every finished task that the fleet remembers is listed once with its result; running ones are listed while they run
/// and with their result afterwards; a quiet fleet leaves every file untouched.
/// </summary>
public sealed class FleetTests
{
    private static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    [Fact]
    public async Task Twenty_clusters_and_five_backup_servers_are_listed_task_for_task()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(new FleetOptions
        {
            PveRemotes = 20, NodesPerPve = 5, PbsRemotes = 5, HistoryTasks = 60_000, TasksPerNodePerHour = 30, Clock = clock, Seed = 7,
        });
        await daemon.RefreshAsync();
        await AssertListedAsync(daemon, new Dictionary<string, FakeTask>(StringComparer.Ordinal));

        // Six hours, polled every ten minutes: what was seen running once must end with its result.
        var everSeen = new Dictionary<string, FakeTask>(StringComparer.Ordinal);
        for (int i = 0; i < 36; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(10));
            foreach (JsonElement remote in (await daemon.RefreshAsync()).EnumerateArray())
                Assert.Empty(remote.GetProperty("problems").EnumerateObject());
            foreach (FakeTask task in daemon.Fleet.Remembered())
                everSeen[Upid(task)] = task;
        }

        await AssertListedAsync(daemon, everSeen);
        JsonElement body = await daemon.GetAsync("list?limit=1");
        Assert.Empty(body.GetProperty("unknown").EnumerateArray());
    }

    [Fact]
    public async Task Two_polls_of_a_quiet_fleet_leave_the_files_untouched()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(new FleetOptions
        {
            PveRemotes = 20, NodesPerPve = 5, PbsRemotes = 5, HistoryTasks = 40_000, TasksPerNodePerHour = 30, Clock = clock,
        });
        await daemon.RefreshAsync();
        daemon.Fleet.Quiet = true;
        clock.Advance(TimeSpan.FromMinutes(5));
        await daemon.RefreshAsync();
        Dictionary<string, string> before = daemon.Files();
        for (int quietPolls = 0; quietPolls < 2;)
        {
            // Long runners go on running. Where one ends in the second that is polled there is news, and nothing to compare.
            clock.Advance(TimeSpan.FromSeconds(1));
            bool isQuiet = daemon.Fleet.Remembered().All(task => task.EndTime != clock.GetUtcNow().ToUnixTimeSeconds());
            await daemon.RefreshAsync();
            Dictionary<string, string> after = daemon.Files();
            if (isQuiet)
            {
                Assert.Equal(before, after);
                quietPolls++;
            }

            before = after;
        }
    }

    [Fact]
    public async Task A_task_is_listed_while_it_runs_and_with_its_result_afterwards()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Empty(clock));
        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "", "joe@pve!nightly", duration: null);
        await daemon.RefreshAsync();
        Assert.Equal((Upid(task), null, "RUNNING"), Assert.Single(await daemon.ListAsync("running=1")));

        // Others begin later and end earlier; the cut-off passes the one that runs.
        for (int i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(30));
            daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(2));
            clock.Advance(TimeSpan.FromSeconds(5));
            await daemon.RefreshAsync();
            Assert.Single(await daemon.ListAsync("running=1"));
        }

        clock.Advance(TimeSpan.FromHours(1));
        daemon.Fleet.EndTask(task.Upid, "job errors");
        long ended = clock.GetUtcNow().ToUnixTimeSeconds();
        clock.Advance(TimeSpan.FromSeconds(20));
        await daemon.RefreshAsync();
        Assert.Empty(await daemon.ListAsync("running=1"));
        Assert.Contains((Upid(task), ended, "job errors"), await daemon.ListAsync());
        Assert.Equal(6, (await daemon.ListAsync()).Length);
    }

    [Fact]
    public async Task A_running_backup_server_task_is_followed_to_its_end()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Empty(clock));
        FakeTask task = daemon.Fleet.StartTask("pbs-01", "localhost", "garbage_collection", "store", "root@pam", duration: null);
        await daemon.RefreshAsync();
        Assert.Equal((Upid(task), null, null), Assert.Single(await daemon.ListAsync()));
        clock.Advance(TimeSpan.FromHours(30));
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(5));
        await daemon.RefreshAsync();
        daemon.Fleet.EndTask(task.Upid, "WARNINGS: 2");
        clock.Advance(TimeSpan.FromSeconds(5));
        await daemon.RefreshAsync();
        (string Upid, long? EndTime, string? Status)[] rows = await daemon.ListAsync();
        Assert.Equal("WARNINGS: 2", rows.Single(row => row.Upid == Upid(task)).Status);
        Assert.Equal(2, rows.Length);
    }

    [Fact]
    public async Task A_node_out_of_reach_keeps_its_running_tasks_and_is_named()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Empty(clock));
        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n2", "vzdump", "", "root@pam", duration: null);
        await daemon.RefreshAsync();
        daemon.Fleet.SetOnline("pve-01", "pve-01-n2", online: false);
        clock.Advance(TimeSpan.FromMinutes(1));
        long since = clock.GetUtcNow().ToUnixTimeSeconds();
        JsonElement outcome = (await daemon.RefreshAsync()).EnumerateArray().First(remote => remote.GetProperty("remote").GetString() == "pve-01");
        Assert.Contains("offline", outcome.GetProperty("problems").GetProperty("pve-01-n2").GetString());
        Assert.Equal(Upid(task), Assert.Single(await daemon.ListAsync("running=1")).Upid);
        JsonElement unknown = Assert.Single((await daemon.GetAsync("list?remote=pve-01")).GetProperty("unknown").EnumerateArray());
        Assert.Equal("not-reached", unknown.GetProperty("reason").GetString());
        Assert.Equal(since, unknown.GetProperty("from").GetInt64());
        Assert.Empty((await daemon.GetAsync("list?remote=pbs-01")).GetProperty("unknown").EnumerateArray());

        daemon.Fleet.SetOnline("pve-01", "pve-01-n2", online: true);
        clock.Advance(TimeSpan.FromMinutes(1));
        await daemon.RefreshAsync();
        Assert.Empty((await daemon.GetAsync("list")).GetProperty("unknown").EnumerateArray());
    }

    [Fact]
    public async Task What_a_node_forgot_while_nobody_asked_is_recorded_as_a_gap()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Empty(clock) with { IndexBytesMax = 1000 });
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        long known = clock.GetUtcNow().ToUnixTimeSeconds();
        clock.Advance(TimeSpan.FromSeconds(5));
        await daemon.RefreshAsync();
        for (int i = 0; i < 60; i++)
        {
            daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        await daemon.RefreshAsync();
        long oldest = daemon.Fleet.Remembered().Min(task => task.EndTime!.Value);
        JsonElement unknown = Assert.Single((await daemon.GetAsync("list")).GetProperty("unknown").EnumerateArray());
        Assert.Equal("forgotten", unknown.GetProperty("reason").GetString());
        Assert.Equal((known, oldest), (unknown.GetProperty("from").GetInt64(), unknown.GetProperty("to").GetInt64()));
    }

    [Fact]
    public async Task A_token_that_sees_only_its_own_tasks_is_named_not_believed()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Empty(clock));
        daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(60));
        await daemon.RefreshAsync();
        daemon.Fleet.Remotes.First(remote => remote.Id == "pve-01").Rights = FakeRights.None;
        JsonElement outcome = (await daemon.RefreshAsync("?remotes=pve-01")).EnumerateArray().Single();
        Assert.Contains("pveum acl modify", outcome.GetProperty("problems").GetProperty("pve-01-n1").GetString());
        Assert.Single(await daemon.ListAsync());
    }

    private static FleetOptions Empty(TimeProvider clock) =>
        new() { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock };

    private static string Upid(FakeTask task) => $"{task.RemoteType}:{task.Remote}!{task.Upid}";

    /// <summary>What the fleet remembers now, and what it once did, is listed once each, as the fleet tells it.</summary>
    private static async Task AssertListedAsync(Daemon daemon, Dictionary<string, FakeTask> everSeen)
    {
        (string Upid, long? EndTime, string? Status)[] rows = await daemon.ListAsync();
        var listed = rows.ToDictionary(row => row.Upid, StringComparer.Ordinal);
        Assert.Equal(rows.Length, listed.Count);
        foreach (FakeTask task in daemon.Fleet.Remembered())
            everSeen[Upid(task)] = task;
        foreach ((string upid, FakeTask task) in everSeen)
        {
            Assert.True(listed.TryGetValue(upid, out (string Upid, long? EndTime, string? Status) row), $"{upid} is missing");
            Assert.Equal(task.EndTime, row.EndTime);
            if (task.EndTime is not null)
                Assert.Equal(task.Status, row.Status);
        }

        var running = daemon.Fleet.Remembered().Where(task => task.EndTime is null).Select(Upid).Order(StringComparer.Ordinal);
        Assert.Equal(running, (await daemon.ListAsync("limit=0&running=1")).Select(row => row.Upid).Order(StringComparer.Ordinal));
    }
}
