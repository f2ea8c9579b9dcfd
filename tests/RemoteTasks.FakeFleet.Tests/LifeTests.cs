using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class LifeTests
{
    [Fact]
    public async Task The_same_seed_and_clock_give_the_same_tasks_in_whatever_steps_time_passes()
    {
        var (clock, otherClock) = (Fleets.Clock(), Fleets.Clock());
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock));
        await using var other = await Fleet.StartAsync(Fleets.Busy(otherClock));
        Assert.Equal(fleet.Remembered(), other.Remembered());

        clock.Advance(TimeSpan.FromHours(14));
        for (var step = 0; step < 14 * 6; step++)
        {
            otherClock.Advance(600);
            other.Remembered();
        }

        Assert.Equal(fleet.Remembered(), other.Remembered());
        Assert.Equal(fleet.Remotes.Select(static remote => remote.Token), other.Remotes.Select(static remote => remote.Token));
    }

    [Fact]
    public async Task Another_seed_gives_other_tasks()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        await using var other = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()) with { Seed = 2 });

        Assert.Empty(fleet.Remembered().Select(static task => task.Upid).Intersect(other.Remembered().Select(static task => task.Upid)));
    }

    [Fact]
    public async Task The_history_has_exactly_the_number_of_finished_tasks_asked_for()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(
            Fleets.Busy(clock) with { PveRemotes = 0, PbsRemotes = 3, HistoryTasks = 10_001 });
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var finished = fleet.Remembered().Where(static task => task.EndTime is not null).ToList();

        Assert.Equal(10_001, finished.Count);
        Assert.All(finished, task => Assert.InRange(task.StartTime, now - 7 * 86_400, now));
        Assert.All(finished, task => Assert.InRange(task.EndTime!.Value, task.StartTime, now));
    }

    [Fact]
    public async Task What_paging_through_the_api_gives_is_what_the_fleet_remembers()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock));
        for (var round = 0; round < 2; round++)
        {
            var listed = new List<FakeTask>();
            foreach (var remote in fleet.Remotes)
            {
                using var client = new Client(remote);
                foreach (var node in remote.Nodes) listed.AddRange(await AllPagesAsync(client, remote, node));
            }

            Assert.Equal(fleet.Remembered(), listed);
            clock.Advance(TimeSpan.FromHours(9));
        }
    }

    [Fact]
    public async Task No_upid_is_ever_used_twice()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock) with { TasksPerNodePerHour = 600 });
        var first = fleet.Remembered();
        for (var number = 0; number < 200; number++)
        {
            fleet.Start(seconds: 0);
            fleet.StartPbs(seconds: 0);
        }

        clock.Advance(TimeSpan.FromHours(1));
        var later = fleet.Remembered();

        Assert.Equal(first.Count, first.DistinctBy(static task => task.Upid).Count());
        Assert.Equal(later.Count, later.DistinctBy(static task => task.Upid).Count());
        // What is listed both times is one and the same task.
        var starts = first.ToDictionary(static task => task.Upid, static task => task.StartTime);
        Assert.All(later.Where(task => starts.ContainsKey(task.Upid)), task => Assert.Equal(starts[task.Upid], task.StartTime));
    }

    [Fact]
    public async Task A_quiet_fleet_starts_nothing_while_running_tasks_end_in_their_time()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock));
        fleet.Quiet = true;
        var before = fleet.Remembered();
        var running = before.Where(static task => task.EndTime is null).ToList();
        clock.Advance(TimeSpan.FromDays(2));
        var after = fleet.Remembered();

        Assert.NotEmpty(running);
        Assert.DoesNotContain(after, static task => task.EndTime is null);
        Assert.Contains(fleet.Start(), fleet.Remembered());
        fleet.EndTask(fleet.Remembered().Single(static task => task.EndTime is null).Upid, "OK");
        after = fleet.Remembered();
        Assert.Single(after.Select(static task => task.Upid).Except(before.Select(static task => task.Upid)));

        fleet.Quiet = false;
        var quietEnd = clock.GetUtcNow().ToUnixTimeSeconds();
        clock.Advance(TimeSpan.FromHours(1));
        var fresh = fleet.Remembered().ExceptBy(after.Select(static task => task.Upid), static task => task.Upid).ToList();
        Assert.NotEmpty(fresh);
        Assert.All(fresh, task => Assert.True(task.StartTime > quietEnd));
    }

    [Fact]
    public async Task A_task_started_by_hand_runs_until_its_time_or_until_it_is_ended()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        var timed = fleet.Start(seconds: 60, status: "WARNINGS: 1");
        var endless = fleet.StartPbs();
        Assert.Equal([timed, endless], fleet.Remembered());

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal([timed with { EndTime = timed.StartTime + 60, Status = "WARNINGS: 1" }, endless], fleet.Remembered());

        fleet.EndTask(endless.Upid, "connection error:\nreset");
        Assert.Equal(endless with { EndTime = endless.StartTime + 86_400, Status = "connection error: reset" }, fleet.Remembered()[1]);
        Assert.Throws<ArgumentException>(() => fleet.EndTask(endless.Upid, "OK"));
        Assert.Throws<ArgumentException>(() => fleet.Start(id: "a:b"));
        Assert.Throws<ArgumentOutOfRangeException>(() => fleet.Start(seconds: -1));
        Assert.Throws<ArgumentException>(() => fleet.StartTask("pve-09", "x", "qmstart", "1", "root@pam", null));
    }

    [Fact]
    public async Task Tasks_started_by_hand_do_not_change_those_that_come_by_themselves()
    {
        var (clock, otherClock) = (Fleets.Clock(), Fleets.Clock());
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(clock));
        await using var other = await Fleet.StartAsync(Fleets.Busy(otherClock));
        var byHand = fleet.Start();
        clock.Advance(TimeSpan.FromMinutes(50));
        otherClock.Advance(TimeSpan.FromMinutes(50));

        Assert.Equal(other.Remembered(), fleet.Remembered().Where(task => task.Upid != byHand.Upid));
    }

    [Fact]
    public async Task A_clock_set_back_stops_the_fleet_until_it_has_caught_up()
    {
        var clock = Fleets.Clock();
        var adjustable = new AdjustableClock(clock);
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(adjustable));
        adjustable.Offset = TimeSpan.FromHours(1);
        var ahead = fleet.Remembered();
        adjustable.Offset = TimeSpan.Zero;

        Assert.Equal(ahead, fleet.Remembered());
    }

    private static async Task<List<FakeTask>> AllPagesAsync(Client client, FakeRemote remote, string node)
    {
        var tasks = new List<FakeTask>();
        while (true)
        {
            var query = $"?start={tasks.Count}&limit=200" + (remote.Type == "pve" ? "&source=all" : "");
            var page = await client.TasksAsync(node, query);
            tasks.AddRange(page.Select(row => new FakeTask(
                remote.Id, remote.Type, row.Text("node"), row.Upid(), row.Number("starttime"),
                row.IsRunning() ? null : row.Number("endtime"), row.IsRunning() ? null : row.Text("status"))));
            if (page.Count < 200) return tasks;
        }
    }

    private sealed class AdjustableClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;
    }
}
