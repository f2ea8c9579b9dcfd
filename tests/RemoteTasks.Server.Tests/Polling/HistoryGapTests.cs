using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>
/// Rule 11: the newest known task must come back; when it does not, the node has forgotten more than was fetched, and that is recorded: always, once, and
/// never falsely.
/// </summary>
public sealed class HistoryGapTests
{
    private const string Remote = "pve-01";
    private const string Node = "pve-01-n1";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    // Some 13 tasks in each of two files.
    private FleetOptions OneNode => new()
    {
        PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 0, HistoryTasks = 0, TasksPerNodePerHour = 0, IndexBytesMax = 1000, Clock = _clock, KeepsEverything = true,
    };

    [Fact]
    public async Task A_gap_is_recorded_once_and_what_comes_after_it_is_known()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 3);
        Pass(daemon, 60);
        await daemon.RefreshAsync();
        HistoryGap gap = Assert.Single(Gaps(daemon));
        Pass(daemon, 5);
        await daemon.RefreshAsync();
        Assert.Equal(gap, Assert.Single(Gaps(daemon)));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_gap_found_by_a_poll_that_fails_afterwards_is_found_by_the_next_one()
    {
        // As it was in three days of a failing fleet: the look at the token's rights failed when the gap had been found, and the next poll took the tasks that
        // this one had seen for those that were known before.
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 3);
        Pass(daemon, 60);
        daemon.Fleet.Remotes[0].Fault = request => request.Route == "/access/permissions" ? FakeFault.Status(500) : null;
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        daemon.Fleet.Remotes[0].Fault = null;
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_gap_found_by_a_poll_that_cannot_be_stored_is_found_by_the_next_one()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode, cache: new TaskCacheOptions { LockTimeout = TimeSpan.FromMilliseconds(50) });
        await KnowAsync(daemon, 3);
        Pass(daemon, 60);
        using (TaskCache.Open(daemon.CacheDirectory).Write())
            await Assert.ThrowsAsync<CacheException>(() => daemon.Server.Fleet.RefreshAsync([Remote], CancellationToken.None));
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_gap_is_found_by_a_daemon_that_was_away_itself()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 20);
        await daemon.StopAsync();
        Pass(daemon, 60);
        await daemon.StartAgainAsync();
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_daemon_that_was_away_itself_finds_no_gap_where_nothing_was_forgotten()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 20);
        await daemon.StopAsync();
        Pass(daemon, 8);
        await daemon.StartAgainAsync();
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_gap_is_found_although_the_clock_was_set_back_meanwhile()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        daemon.Fleet.SetClock(Remote, TimeSpan.FromHours(3));
        await KnowAsync(daemon, 3);
        daemon.Fleet.SetClock(Remote, TimeSpan.Zero);
        Pass(daemon, 60);
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_is_no_gap()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        daemon.Fleet.SetClock(Remote, TimeSpan.FromHours(3));
        await KnowAsync(daemon, 3);
        daemon.Fleet.SetClock(Remote, TimeSpan.Zero);
        Pass(daemon, 8);
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_node_that_forgot_only_what_is_known_has_no_gap()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        for (int i = 0; i < 8; i++)
        {
            await KnowAsync(daemon, 9);
            Assert.Empty(Gaps(daemon));
        }

        Assert.True(daemon.Fleet.Remembered().Count < daemon.Fleet.Everything().Count, "It forgot nothing.");
        AssertTrue(daemon);
    }

    [Fact]
    public async Task Where_the_task_that_began_last_is_forgotten_but_the_one_that_ended_last_is_not_there_is_no_gap()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        FakeTask slow = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        Pass(daemon, 14);

        // In the newer file nothing is known but the end of the slow one.
        daemon.Fleet.EndTask(slow.Upid, "OK");
        _clock.Advance(TimeSpan.FromSeconds(5));
        await daemon.RefreshAsync();
        for (int i = 0; i < 40 && daemon.Fleet.Remembered().Count(task => task.StartTime < _clock.GetUtcNow().ToUnixTimeSeconds() - (60 * i)) > 1; i++)
            Pass(daemon, 1);
        Assert.Contains(daemon.Fleet.Remembered(), task => task.Upid == slow.Upid);
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_slow_task_that_was_asked_for_alone_when_it_ended_shows_that_nothing_was_missed()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        FakeTask slow = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        await KnowAsync(daemon, 14);
        daemon.Fleet.EndTask(slow.Upid, "OK");
        await daemon.RefreshAsync();
        while (daemon.Fleet.Remembered().Any(task => task.StartTime > slow.StartTime && task.EndTime < daemon.Fleet.Everything().Single(any => any.Upid == slow.Upid).EndTime))
            Pass(daemon, 1);
        Assert.Contains(daemon.Fleet.Remembered(), task => task.Upid == slow.Upid);
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task What_a_token_may_not_see_is_not_forgotten()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 3);
        daemon.Fleet.Remotes[0].Rights = FakeRights.None;
        Pass(daemon, 5);
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        daemon.Fleet.Remotes[0].Rights = FakeRights.Audit;
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_understood_is_not_a_node_that_has_forgotten()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 3);
        daemon.Fleet.Remotes[0].Fault = request => request.Route == "/nodes/{node}/tasks" ? FakeFault.WrongTypes : null;
        Pass(daemon, 5);
        for (int i = 0; i < 5; i++)
            await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        daemon.Fleet.Remotes[0].Fault = null;
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_node_that_was_set_up_anew_has_forgotten_everything()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        await KnowAsync(daemon, 3);
        Pass(daemon, 5);
        daemon.Fleet.Forget(Remote, Node);
        Pass(daemon, 2);
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_node_without_any_task_is_known_to_have_none_and_its_first_ones_are_no_gap()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode);
        long now = _clock.GetUtcNow().ToUnixTimeSeconds();
        await daemon.RefreshAsync();
        using (CacheReader reader = daemon.Server.Cache.Read())
            Assert.Equal(now, reader.State.Find(Remote, Node)?.Cutoff);
        Pass(daemon, 5);
        await daemon.RefreshAsync();
        Assert.Empty(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Fact]
    public async Task A_node_that_was_empty_and_has_forgotten_its_first_tasks_has_a_gap()
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode with { IndexBytesMax = 50_000 });
        await daemon.RefreshAsync();
        Pass(daemon, 1500);
        await daemon.RefreshAsync();
        Assert.Single(Gaps(daemon));
        AssertTrue(daemon);
    }

    [Theory]
    [InlineData(1500, 1)]
    [InlineData(300, 0)]
    public async Task What_a_node_forgot_since_it_was_asked_for_the_first_time_and_did_not_answer_is_a_gap(int tasks, int gaps)
    {
        await using Daemon daemon = await Daemon.StartAsync(OneNode with { IndexBytesMax = 50_000 });
        await daemon.StopAsync();
        Directory.Delete(daemon.CacheDirectory, recursive: true);
        daemon.Fleet.Remotes[0].Fault = request => request.Route == "/nodes/{node}/tasks" ? FakeFault.Status(595) : null;
        await daemon.StartAgainAsync();
        await daemon.RefreshAsync();
        Pass(daemon, tasks);
        daemon.Fleet.Remotes[0].Fault = null;
        await daemon.RefreshAsync();
        Assert.Equal(gaps, Gaps(daemon).Count);
        AssertTrue(daemon);
    }

    /// <summary>Short tasks begin and end, one a minute.</summary>
    private void Pass(Daemon daemon, int tasks)
    {
        for (int i = 0; i < tasks; i++)
        {
            daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task KnowAsync(Daemon daemon, int tasks)
    {
        Pass(daemon, tasks);
        await daemon.RefreshAsync();
    }

    private static IReadOnlyList<HistoryGap> Gaps(Daemon daemon)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.State.Find(Remote, Node)?.Gaps ?? [];
    }

    /// <summary>Nothing is missing but what a recorded gap says, and in every recorded gap something is.</summary>
    private static void AssertTrue(Daemon daemon) => Assert.Empty(FleetVerdict.Of(daemon).Faults);
}
