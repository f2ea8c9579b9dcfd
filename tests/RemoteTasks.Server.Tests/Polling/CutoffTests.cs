using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>
/// Rule 8: the cut-off is the newest start time up to which everything is known, and running tasks do not hold it back. Rule 9: it never lies in the future of
/// the remote's own clock, and no jump of a clock, on either side, loses a task.
/// </summary>
public sealed class CutoffTests
{
    private const string Remote = "pve-01";
    private const string Node = "pve-01-n1";

    private readonly FakeTimeProvider _clock = Given.Clock();

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task A_task_that_runs_for_three_days_causes_no_refetch_and_its_end_shows_within_thirty_seconds()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock) with { PbsRemotes = 0, NodesPerPve = 1 }, new PollIntervals());
        await daemon.WaitUntilIdleAsync();
        FakeTask slow = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(1));
        long rowsBefore = daemon.Fleet.Remote(Remote).RowCount;
        const int others = 3 * 24 * 6;
        for (int i = 0; i < others; i++)
        {
            FakeTask last = daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            await AdvanceAsync(daemon, TimeSpan.FromMinutes(10));
            Assert.Equal(last.StartTime, daemon.NodeState(Remote, Node)?.Cutoff);
        }

        // A list of all since the slow one began would send the square of this: 187,000 rows.
        long rows = daemon.Fleet.Remote(Remote).RowCount - rowsBefore;
        Assert.True(rows <= 4 * others, $"{rows} rows for {others} tasks.");

        daemon.Fleet.EndTask(slow.Upid, "OK");
        long ended = Now;
        for (int i = 0; i < 30 / 5; i++)
            await AdvanceAsync(daemon, TimeSpan.FromSeconds(5));
        Assert.Equal((ended, "OK"), (await daemon.ListAsync()).Where(row => row.Upid == slow.Listed()).Select(row => (row.EndTime, row.Status)).Single());
        daemon.AssertTrue();
    }

    [Fact]
    public async Task Of_a_task_dated_after_the_remotes_own_clock_the_cutoff_knows_nothing()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        daemon.Fleet.SetClock(Remote, TimeSpan.FromHours(1));
        FakeTask ahead = daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        daemon.Fleet.SetClock(Remote, TimeSpan.Zero);
        FakeTask now = daemon.Fleet.StartTask(Remote, Node, "qmstart", "101", "root@pam", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await daemon.RefreshAsync();
        Assert.True(ahead.StartTime > Now);
        Assert.Equal(now.StartTime, daemon.NodeState(Remote, Node)?.Cutoff);
        await StartOneAsync(daemon);
        daemon.AssertTrue();
    }

    [Theory]
    [InlineData(-10 * 365 * 24)]
    [InlineData(-5)]
    [InlineData(5)]
    [InlineData(10 * 365 * 24)]
    public async Task A_remote_whose_clock_is_wrong_is_listed_completely(int hoursAhead)
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            daemon.Fleet.SetClock(remote.Id, TimeSpan.FromHours(hoursAhead));
        for (int i = 0; i < 5; i++)
            await StartOneAsync(daemon);
        Assert.True(daemon.NodeState(Remote, Node)?.Cutoff <= Now + (hoursAhead * 3600L));
        daemon.AssertTrue();
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    [InlineData(0, -4)]
    [InlineData(100, 0)]
    public async Task A_remote_whose_clock_jumps_is_listed_completely(int hoursBefore, int hoursAfter)
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            daemon.Fleet.SetClock(remote.Id, TimeSpan.FromHours(hoursBefore));
        FakeTask slow = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        for (int i = 0; i < 3; i++)
            await StartOneAsync(daemon);
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            daemon.Fleet.SetClock(remote.Id, TimeSpan.FromHours(hoursAfter));
        for (int i = 0; i < 3; i++)
            await StartOneAsync(daemon);
        daemon.Fleet.EndTask(slow.Upid, "OK");
        await StartOneAsync(daemon);
        daemon.AssertTrue();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(72, false)]
    [InlineData(72, true)]
    public async Task A_node_whose_clock_is_set_back_alone_is_listed_completely(int hoursBefore, bool isMeanwhileAway)
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        const string Second = "pve-01-n2";
        daemon.Fleet.SetClock(Remote, Second, TimeSpan.FromHours(hoursBefore));
        daemon.Fleet.StartTask(Remote, Second, "vzdump", "", "root@pam", duration: null);
        daemon.Fleet.StartTask(Remote, Second, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        await StartOneAsync(daemon);
        if (isMeanwhileAway)
            await daemon.StopAsync();

        // All answers are passed on by the first node, whose clock was right all the time.
        daemon.Fleet.SetClock(Remote, Second, TimeSpan.FromHours(hoursBefore - 72));

        // More than its cluster tells of.
        for (int i = 0; i < 40; i++)
        {
            daemon.Fleet.StartTask(Remote, Second, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            _clock.Advance(TimeSpan.FromMinutes(7));
        }

        if (isMeanwhileAway)
            await daemon.StartAgainAsync();
        await daemon.RefreshAsync();
        daemon.AssertTrue();
    }

    [Fact]
    public async Task A_remote_whose_clock_was_set_right_while_the_daemon_was_away_is_listed_completely()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        daemon.Fleet.SetClock(Remote, TimeSpan.FromHours(3));
        await StartOneAsync(daemon);
        await daemon.StopAsync();
        daemon.Fleet.SetClock(Remote, TimeSpan.Zero);

        // They begin before the cut-off, and when they are asked for the remote's clock is beyond it.
        for (int i = 0; i < 3; i++)
        {
            daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            _clock.Advance(TimeSpan.FromMinutes(30));
        }

        _clock.Advance(TimeSpan.FromHours(4));
        await daemon.StartAgainAsync();
        await daemon.RefreshAsync();
        daemon.AssertTrue();
    }

    [Theory]
    [InlineData(10 * 365)]
    [InlineData(-10 * 365)]
    public async Task A_jump_of_the_daemons_own_clock_neither_stops_the_polls_nor_expires_anything(int days)
    {
        // The remotes keep the right time.
        var own = new WrongClock(_clock);
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock), new PollIntervals(), adjust: options => options with { Clock = own });
        await daemon.WaitUntilIdleAsync();
        for (int i = 0; i < 4; i++)
        {
            // Two polls before the jump, one after it, one when it is taken back.
            own.Ahead = i == 2 ? TimeSpan.FromDays(days) : TimeSpan.Zero;
            daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            for (int seconds = 0; seconds < 80; seconds += 10)
                await AdvanceAsync(daemon, TimeSpan.FromSeconds(10));
            daemon.AssertTrue();
        }
    }

    [Fact]
    public async Task A_slow_answer_is_no_clock_that_was_set_back()
    {
        await using Fleet fleet = await Fleet.StartAsync(Given.Still(_clock));
        (ProxmoxClient client, CallGate gate) = Given.Link(fleet, Remote);
        using (client)
        using (gate)
        {
            var poll = new NodePoll(client, gate, _clock);
            fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
            _clock.Advance(TimeSpan.FromSeconds(10));

            // The question is under way for 20 s before the remote looks at its clock.
            fleet.Remote(Remote).Delay = TimeSpan.FromMilliseconds(300);
            Task<NodeAnswer> slow = poll.AskAsync(new NodeKnowledge(Node, Cutoff: null, []), new NodeMark([]), CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            _clock.Advance(TimeSpan.FromSeconds(20));
            NodeAnswer first = await slow;
            fleet.Remote(Remote).Delay = TimeSpan.Zero;
            Assert.Equal(Now, first.Mark?.Clock?.Seconds);
            _clock.Advance(TimeSpan.FromSeconds(1));
            NodeAnswer second = await poll.AskAsync(new NodeKnowledge(Node, first.Cutoff, []), first.Mark!, CancellationToken.None);
            Assert.False(second.ClockSetBack);

            // An hour is one.
            fleet.SetClock(Remote, TimeSpan.FromHours(-1));
            NodeAnswer third = await poll.AskAsync(new NodeKnowledge(Node, first.Cutoff, []), second.Mark!, CancellationToken.None);
            Assert.True(third.ClockSetBack);
        }
    }

    private async Task AdvanceAsync(Daemon daemon, TimeSpan span)
    {
        _clock.Advance(span);
        await daemon.WaitUntilIdleAsync();
    }

    private async Task StartOneAsync(Daemon daemon)
    {
        daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMinutes(7));
        await daemon.RefreshAsync();
    }

    /// <summary>A wall clock that is wrong; what has passed is right.</summary>
    private sealed class WrongClock(TimeProvider right) : TimeProvider
    {
        internal TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => right.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + Ahead;

        public override long GetTimestamp() => right.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => right.CreateTimer(callback, state, dueTime, period);
    }
}
