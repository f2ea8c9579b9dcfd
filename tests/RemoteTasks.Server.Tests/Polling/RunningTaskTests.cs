using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>
/// Rule 13: a poll that fails is not an end. And tasks of nodes that got another name, tasks that somebody asked to follow, nodes that tell of no change.
/// </summary>
public sealed class RunningTaskTests
{
    private const string Remote = "pve-01";
    private const string Node = "pve-01-n1";

    private static readonly string[] Faults = ["401", "403", "500", "595", "596", "hidden", "drop", "cut", "types", "rubbish", "offline"];

    private readonly FakeTimeProvider _clock = Given.Clock();

    public static TheoryData<string> FaultNames => [.. Faults];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task A_poll_that_fails_is_not_an_end(string fault)
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        FakeTask task = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        FakeTask onBackup = daemon.Fleet.StartTask("pbs-01", "localhost", "garbage_collection", "store", "root@pam", duration: null);
        await daemon.RefreshAsync();

        // Others begin later, so that the two are no longer listed, but watched.
        _clock.Advance(TimeSpan.FromMinutes(10));
        daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await daemon.RefreshAsync();
        Break(daemon, fault);
        for (int i = 0; i < 5; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await daemon.RefreshAsync();
            Assert.Equal(
                new[] { task.Listed(), onBackup.Listed() }.Order(StringComparer.Ordinal),
                (await daemon.ListAsync("limit=0&running=1")).Select(row => row.Upid).Order(StringComparer.Ordinal));
        }

        Repair(daemon);
        await daemon.RefreshAsync();
        Assert.Equal(2, (await daemon.ListAsync("limit=0&running=1")).Length);
        daemon.Fleet.EndTask(task.Upid, "OK");
        daemon.Fleet.EndTask(onBackup.Upid, "OK");
        await daemon.RefreshAsync();
        daemon.AssertTrue();
    }

    [Fact]
    public async Task A_running_task_of_a_node_that_got_another_name_is_followed_to_its_end()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock), new PollIntervals());
        await daemon.WaitUntilIdleAsync();
        daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", TimeSpan.FromHours(1));
        daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(2));
        daemon.Fleet.RenameNode(Remote, Node, "pve-01-new");
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(10));
        Assert.Single(await daemon.ListAsync("limit=0&running=1"));
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(60));
        daemon.AssertTrue();
    }

    // A node that has just started names itself alone: what runs on the others goes on. What is on none of them after a day is over.
    [Theory]
    [InlineData(23, true)]
    [InlineData(25, false)]
    public async Task A_running_task_of_a_node_that_its_cluster_does_not_name_is_over_after_a_day_and_no_sooner(int hours, bool isRunning)
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock), new PollIntervals());
        await daemon.WaitUntilIdleAsync();
        FakeTask task = daemon.Fleet.StartTask(Remote, Node, "vzdump", "", "root@pam", duration: null);
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(2));

        // Named again for a moment, it counts from then on.
        foreach (int passed in new[] { 3, hours })
        {
            daemon.Fleet.SetNamed(Remote, Node, named: true);
            await AdvanceAsync(daemon, TimeSpan.FromMinutes(2));
            daemon.Fleet.SetNamed(Remote, Node, named: false);
            for (int hour = 0; hour <= passed; hour++)
                await AdvanceAsync(daemon, hour == 0 ? TimeSpan.FromMinutes(11) : TimeSpan.FromHours(1));
        }

        Assert.Equal(isRunning ? 1 : 0, (await daemon.ListAsync("limit=0&running=1")).Length);
        if (!isRunning)
            return;
        daemon.Fleet.SetNamed(Remote, Node, named: true);
        daemon.Fleet.EndTask(task.Upid, "OK");
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(11));
        daemon.AssertTrue();
    }

    [Fact]
    public async Task A_node_that_was_out_of_reach_and_is_no_longer_of_the_cluster_is_not_waited_for()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        await daemon.RefreshAsync();
        daemon.Fleet.SetOnline(Remote, Node, online: false);
        await daemon.RefreshAsync();
        Assert.NotNull(daemon.NodeState(Remote, Node)?.NotReachedSince);
        daemon.Fleet.RenameNode(Remote, Node, "pve-01-new");
        daemon.Fleet.SetOnline(Remote, "pve-01-new", online: true);
        await daemon.RefreshAsync();
        Assert.Null(daemon.NodeState(Remote, Node)?.NotReachedSince);
    }

    [Fact]
    public async Task A_task_that_somebody_asked_to_follow_is_looked_at_every_ten_seconds_until_it_ends()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock), new PollIntervals());
        await daemon.WaitUntilIdleAsync();
        FakeTask task = daemon.Fleet.StartTask(Remote, Node, "qmclone", "100", "root@pam", duration: null);
        using (CacheWriter writer = daemon.Server.Cache.Write())
            writer.Update(new TaskBatch { Track = [task.Listed()] });
        await AdvanceAsync(daemon, TimeSpan.FromSeconds(10));
        Assert.Equal(task.Listed(), Assert.Single(await daemon.ListAsync("limit=0&running=1")).Upid);
        long before = daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks");
        await AdvanceAsync(daemon, TimeSpan.FromSeconds(10));
        Assert.NotEqual(before, daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks"));
        daemon.Fleet.EndTask(task.Upid, "OK");
        await AdvanceAsync(daemon, TimeSpan.FromSeconds(10));
        daemon.AssertTrue();
        using (CacheReader reader = daemon.Server.Cache.Read())
            Assert.Empty(reader.State.TrackedTasks);
    }

    [Fact]
    public async Task A_node_of_which_its_cluster_tells_no_change_is_not_listed_for_a_while_and_at_once_when_something_begins()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock) with { PbsRemotes = 0 }, new PollIntervals());
        await daemon.WaitUntilIdleAsync();
        long before = daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks");
        for (int i = 0; i < 7; i++)
            await AdvanceAsync(daemon, TimeSpan.FromMinutes(1.2));
        Assert.Equal(before, daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks"));
        daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(1.2));
        Assert.Equal(before + 1, daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks"));
        daemon.AssertTrue();

        // Ten minutes after it was listed last the other node is listed in any case.
        for (int i = 0; i < 8; i++)
            await AdvanceAsync(daemon, TimeSpan.FromMinutes(1.2));
        Assert.Equal(before + 2, daemon.Fleet.RequestsTo("GET /nodes/{node}/tasks"));
    }

    [Fact]
    public async Task Where_the_cluster_cannot_tell_what_changed_each_node_is_asked_itself()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock) with { PbsRemotes = 0 }, new PollIntervals());
        daemon.Fleet.Remote(Remote).Fault = request => request.Route == "/cluster/tasks" ? FakeFault.Status(500) : null;
        await daemon.WaitUntilIdleAsync();
        daemon.Fleet.StartTask(Remote, Node, "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        await AdvanceAsync(daemon, TimeSpan.FromMinutes(1.2));
        daemon.AssertTrue();
    }

    [Fact]
    public async Task A_refresh_joins_the_one_that_is_under_way()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(_clock));
        await daemon.RefreshAsync();
        daemon.Fleet.Remote(Remote).Delay = TimeSpan.FromMilliseconds(200);
        long before = daemon.Fleet.RequestsTo("GET /nodes");
        PollOutcome[][] outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => daemon.Server.Fleet.RefreshAsync([Remote], CancellationToken.None)));
        Assert.Equal(before + 1, daemon.Fleet.RequestsTo("GET /nodes"));
        Assert.All(outcomes, outcome => Assert.Same(outcomes[0][0], Assert.Single(outcome)));
    }

    private static void Break(Daemon daemon, string fault)
    {
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
        {
            FakeFault? chosen = fault switch
            {
                "drop" => FakeFault.Drop,
                "cut" => FakeFault.CutBody,
                "types" => FakeFault.WrongTypes,
                "rubbish" => FakeFault.Rubbish(100_000),
                "hidden" or "offline" => null,
                _ => FakeFault.Status(int.Parse(fault, provider: null)),
            };

            // The cluster itself still answers, so that each node is asked.
            if (chosen is not null)
                remote.Fault = request => request.Route.StartsWith("/nodes/{node}/tasks", StringComparison.Ordinal) ? chosen : null;
            if (fault == "hidden")
                remote.Rights = FakeRights.None;
            if (fault == "offline")
                daemon.Fleet.SetOnline(remote.Id, remote.Nodes[0], online: false);
        }
    }

    private static void Repair(Daemon daemon)
    {
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
        {
            (remote.Fault, remote.Rights) = (null, FakeRights.Audit);
            daemon.Fleet.SetOnline(remote.Id, remote.Nodes[0], online: true);
        }
    }

    private async Task AdvanceAsync(Daemon daemon, TimeSpan span)
    {
        _clock.Advance(span);
        await daemon.WaitUntilIdleAsync();
    }
}
