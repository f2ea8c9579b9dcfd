using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class PveTaskListTests
{
    private const string Node = "pve-01-n1";

    [Fact]
    public async Task Running_tasks_come_first_and_the_archive_is_in_the_order_of_ends()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var longOne = fleet.Start("vzdump", seconds: 100);
        clock.Advance(10);
        var shortOne = fleet.Start("qmstart", seconds: 5);
        clock.Advance(200);
        var olderRunning = fleet.Start("vncproxy");
        clock.Advance(1);
        var newerRunning = fleet.Start("vncproxy");

        var upids = (await client.TasksAsync(Node, "?source=all")).Select(Json.Upid);

        Assert.Equal([newerRunning.Upid, olderRunning.Upid, longOne.Upid, shortOne.Upid], upids);
    }

    [Fact]
    public async Task Tasks_that_end_together_are_appended_with_the_newest_start_first()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var older = fleet.Start(seconds: 20);
        clock.Advance(10);
        var newer = fleet.Start(seconds: 10);
        clock.Advance(30);

        Assert.Equal([older.Upid, newer.Upid], (await client.TasksAsync(Node)).Select(Json.Upid));
    }

    [Fact]
    public async Task A_source_selects_archive_active_or_both_and_archive_is_the_default()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var running = fleet.Start();
        var finished = fleet.Start(seconds: 0);

        Assert.Equal([finished.Upid], (await client.TasksAsync(Node)).Select(Json.Upid));
        Assert.Equal([finished.Upid], (await client.TasksAsync(Node, "?source=archive")).Select(Json.Upid));
        Assert.Equal([running.Upid], (await client.TasksAsync(Node, "?source=active")).Select(Json.Upid));
        Assert.Equal([running.Upid, finished.Upid], (await client.TasksAsync(Node, "?source=all")).Select(Json.Upid));
    }

    [Fact]
    public async Task A_running_row_says_RUNNING_and_keeps_the_token_which_the_archived_row_has_cut_off()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var task = fleet.Start(user: "joe@pve!tok", seconds: 60, status: "WARNINGS: 2");

        var running = Assert.Single(await client.TasksAsync(Node, "?source=all"));
        Assert.Equal("RUNNING", running.Text("status"));
        Assert.Equal("joe@pve!tok", running.Text("user"));
        Assert.Equal("0", running.Text("saved"));
        Assert.False(running.Has("endtime"));
        Assert.False(running.Has("tokenid"));

        clock.Advance(61);
        var archived = Assert.Single(await client.TasksAsync(Node, "?source=all"));
        Assert.Equal(task.Upid, archived.Upid());
        Assert.Equal("WARNINGS: 2", archived.Text("status"));
        Assert.Equal("joe@pve", archived.Text("user"));
        Assert.Equal("tok", archived.Text("tokenid"));
        Assert.Equal(task.StartTime + 60, archived.Number("endtime"));
        Assert.False(archived.Has("saved"));
    }

    [Fact]
    public async Task The_fields_of_a_row_are_those_of_its_upid()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pve());
        foreach (var node in fleet.Pve().Nodes)
        {
            foreach (var row in await client.TasksAsync(node, "?limit=5000&source=all"))
            {
                var parts = row.Upid().Split(':');
                Assert.Equal(9, parts.Length);
                Assert.Equal(["UPID", node], parts[..2]);
                Assert.Equal(row.Number("pid").ToString("X8"), parts[2]);
                Assert.Equal(row.Number("pstart").ToString("X8"), parts[3]);
                Assert.Equal(row.Number("starttime").ToString("X8"), parts[4]);
                Assert.Equal([row.Text("type"), row.Text("id")], parts[5..7]);
                Assert.Equal(row.Has("tokenid") ? row.Text("user") + "!" + row.Text("tokenid") : row.Text("user"), parts[7]);
                Assert.Equal(node, row.Text("node"));
            }
        }
    }

    [Fact]
    public async Task Raw_ids_long_uptimes_and_changing_member_orders_occur()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pve());
        var first = await client.TasksAsync(fleet.Pve().Nodes[0], "?limit=5000");
        var second = await client.TasksAsync(fleet.Pve().Nodes[1], "?limit=5000");
        var ids = first.Concat(second).Select(static row => row.Text("id")).ToList();

        Assert.Contains(ids, static id => id.Contains('@', StringComparison.Ordinal));
        Assert.Contains(ids, static id => id.Contains('-', StringComparison.Ordinal));
        Assert.Contains(ids, static id => id.Contains('.', StringComparison.Ordinal));
        Assert.Contains("", ids);
        Assert.All(first, static row => Assert.True(row.Number("pstart") <= uint.MaxValue));
        Assert.All(second, static row => Assert.True(row.Number("pstart") > uint.MaxValue));
        Assert.True(first.Select(static row => row.EnumerateObject().First().Name).Distinct().Count() > 5);
    }

    [Fact]
    public async Task The_default_limit_is_50_and_limit_0_gives_no_row_but_the_right_total()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pve());
        var all = await client.GetAsync($"nodes/{Node}/tasks?limit=100000");
        var total = all.GetProperty("data").GetArrayLength();

        var page = await client.GetAsync($"nodes/{Node}/tasks");
        var none = await client.GetAsync($"nodes/{Node}/tasks?limit=0");
        var beyond = await client.GetAsync($"nodes/{Node}/tasks?start=100000");

        Assert.True(total > 600);
        Assert.Equal((50, total), (page.GetProperty("data").GetArrayLength(), page.Number("total")));
        Assert.Equal((0, total), (none.GetProperty("data").GetArrayLength(), none.Number("total")));
        Assert.Equal((0, total), (beyond.GetProperty("data").GetArrayLength(), beyond.Number("total")));
    }

    [Fact]
    public async Task Total_is_absent_when_nothing_matches()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());

        Assert.False((await client.GetAsync($"nodes/{Node}/tasks")).Has("total"));
    }

    [Fact]
    public async Task Start_is_an_offset_into_the_filtered_list()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pve());
        var all = (await client.TasksAsync(Node, "?typefilter=qmstart&limit=5000")).Select(Json.Upid).ToList();
        var page = (await client.TasksAsync(Node, "?typefilter=qmstart&start=7&limit=5")).Select(Json.Upid);

        Assert.Equal(all[7..12], page);
    }

    [Fact]
    public async Task Any_node_answers_for_the_whole_cluster()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        var task = fleet.Start(seconds: 0);
        using var other = new Client(fleet.Pve(), endpoint: 1);

        Assert.Equal(task.Upid, Assert.Single(await other.TasksAsync(Node)).Upid());
        Assert.Empty(await other.TasksAsync("pve-01-n2"));
        var nodes = (await other.GetAsync("nodes")).GetProperty("data").EnumerateArray();
        Assert.Equal(["pve-01-n1", "pve-01-n2"], nodes.Select(static row => row.Text("node")));
    }
}
