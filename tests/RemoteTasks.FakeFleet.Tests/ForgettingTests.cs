using System.Text;
using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class ForgettingTests
{
    [Fact]
    public async Task Pve_forgets_a_whole_file_at_once_when_the_next_is_full()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Empty(clock) with { IndexBytesMax = 1_000 });
        using var client = new Client(fleet.Pve());
        var started = new List<FakeTask>();
        var lineBytes = 0;
        for (var number = 0; number < 100; number++)
        {
            started.Add(fleet.Start(seconds: 0));
            lineBytes = Encoding.UTF8.GetByteCount(started[^1].Upid) + " 69B02E71 OK\n".Length;
            clock.Advance(1);
        }

        // A file is moved aside by the line that makes it larger than the bound.
        var perFile = 1_000 / lineBytes + 1;
        var kept = perFile + started.Count % perFile;
        var listed = await client.TasksAsync("pve-01-n1", "?limit=1000");

        Assert.Equal(started.TakeLast(kept).Reverse().Select(static task => task.Upid), listed.Select(Json.Upid));
        Assert.Equal(kept, fleet.Remembered().Count);
    }

    [Fact]
    public async Task A_full_node_of_ordinary_size_keeps_some_six_hundred_to_twelve_hundred_tasks()
    {
        await using var fleet = await Fleet.StartAsync(
            Fleets.Busy(Fleets.Clock()) with { PveRemotes = 4, NodesPerPve = 5, HistoryTasks = 42_000 });
        var finished = fleet.Remembered().Where(static task => task.RemoteType == "pve" && task.EndTime is not null);
        var perNode = finished.CountBy(static task => task.Node).ToList();

        Assert.Equal(20, perNode.Count);
        Assert.All(perNode, static node => Assert.InRange(node.Value, 550, 1_400));
    }

    [Fact]
    public async Task A_forgotten_task_has_neither_status_nor_log()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Empty(clock) with { IndexBytesMax = 100 });
        using var client = new Client(fleet.Pve());
        var forgotten = fleet.Start(seconds: 0);
        for (var number = 0; number < 10; number++) fleet.Start(seconds: 0);
        using var status = await client.SendAsync(HttpMethod.Get, $"nodes/pve-01-n1/tasks/{forgotten.Upid}/status");

        Assert.Equal(400, (int)status.StatusCode);
        Assert.Contains("no such task", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_begins_with_a_blank_is_not_found_again()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        fleet.Start(seconds: 0, status: " odd");

        Assert.Empty(fleet.Remembered());
    }

    [Fact]
    public async Task Pbs_keeps_a_hundred_thousand()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Empty(Fleets.Clock()) with { PveRemotes = 0, HistoryTasks = 123_000 });
        using var client = new Client(fleet.Pbs());
        var finished = fleet.Remembered().Count(static task => task.EndTime is not null);

        Assert.InRange(finished, 100_000, 105_000);
        Assert.Equal(finished, (await client.TasksAsync("localhost", "?limit=0")).Count(static row => !row.IsRunning()));
    }
}
