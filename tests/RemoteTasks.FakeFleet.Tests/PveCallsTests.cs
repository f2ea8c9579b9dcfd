using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class PveCallsTests
{
    private const string Node = "pve-01-n1";

    [Fact]
    public async Task A_status_says_running_or_stopped_and_never_when()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var task = fleet.Start("imgdel", "101@local-lvm", "joe@pve!tok", seconds: 30, status: "job errors");

        var running = (await client.GetAsync(Path(task, "/status"))).GetProperty("data");
        Assert.Equal(("running", "joe@pve", "tok"), (running.Text("status"), running.Text("user"), running.Text("tokenid")));
        Assert.False(running.Has("exitstatus"));

        clock.Advance(30);
        var stopped = (await client.GetAsync(Path(task, "/status"))).GetProperty("data");
        Assert.Equal(("stopped", "job errors", "imgdel"), (stopped.Text("status"), stopped.Text("exitstatus"), stopped.Text("type")));
        Assert.False(stopped.Has("endtime"));
        var index = (await client.GetAsync(Path(task, ""))).GetProperty("data").EnumerateArray();
        Assert.Equal(["log", "status"], index.Select(static row => row.Text("name")));
    }

    [Fact]
    public async Task A_log_is_paged_from_an_offset_and_limit_0_means_all()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var task = fleet.Start("vzdump", seconds: 3_600, status: "job errors");
        var empty = (await client.GetAsync(Path(task, "/log"))).GetProperty("data").EnumerateArray();
        Assert.Equal("no content", Assert.Single(empty).Text("t"));
        clock.Advance(3_600);

        var all = await client.GetAsync(Path(task, "/log?limit=0"));
        var lines = all.GetProperty("data").EnumerateArray().ToList();
        Assert.True(lines.Count > 100);
        Assert.Equal(lines.Count, all.Number("total"));
        Assert.Equal("TASK ERROR: job errors", lines[^1].Text("t"));
        Assert.Equal(50, (await client.GetAsync(Path(task, "/log"))).GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await client.GetAsync(Path(task, "/log?start=1&limit=1"))).GetProperty("data")[0].Number("n"));

        using var download = await client.SendAsync(HttpMethod.Get, Path(task, "/log?download=1"));
        Assert.Equal("text/plain", download.Content.Headers.ContentType!.MediaType);
        var fileName = download.Content.Headers.ContentDisposition!.FileName!.Trim('"');
        Assert.Equal($"task-{Node}-vzdump-2026-03-10T14:23:45Z.log", fileName);
        Assert.EndsWith("TASK ERROR: job errors\n", await download.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_without_a_verdict_in_its_log_ended_with_an_unexpected_status()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var task = fleet.Start(seconds: 0, status: "unexpected status");
        var lines = (await client.GetAsync(Path(task, "/log"))).GetProperty("data").EnumerateArray();

        Assert.DoesNotContain(lines, static line => line.Text("t").StartsWith("TASK", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_task_nobody_knows_has_no_status_but_a_log_of_one_line()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        const string unknown = "nodes/pve-01-n1/tasks/UPID:pve-01-n1:00000001:00000001:69B00000:qmstart:101:root@pam:";
        using var status = await client.SendAsync(HttpMethod.Get, unknown + "/status");

        Assert.Equal(400, (int)status.StatusCode);
        Assert.Contains("\"upid\":\"no such task\"", await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var line = Assert.Single((await client.GetAsync(unknown + "/log")).GetProperty("data").EnumerateArray());
        Assert.Equal("unable to open file - No such file or directory", line.Text("t"));
    }

    [Fact]
    public async Task A_deleted_task_is_interrupted()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var task = fleet.Start("vzdump");
        clock.Advance(5);
        using var response = await client.SendAsync(HttpMethod.Delete, Path(task, ""));

        Assert.Equal("""{"data":null}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(task with { EndTime = task.StartTime + 5, Status = "interrupted by signal" }, Assert.Single(fleet.Remembered()));
        Assert.Equal(1, fleet.RequestsTo("DELETE /nodes/{node}/tasks/{upid}"));
    }

    [Fact]
    public async Task The_cluster_lists_at_most_25_tasks_a_node_and_not_all_their_fields()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        for (var number = 0; number < 30; number++) fleet.Start(seconds: 0);
        clock.Advance(1);
        var running = fleet.Start();
        fleet.StartTask("pve-01", "pve-01-n2", "vzstart", "102", "root@pam", TimeSpan.Zero);

        var rows = (await client.GetAsync("cluster/tasks")).GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(26, rows.Count);
        Assert.Equal(running.Upid, rows[0].Upid());
        Assert.True(rows[0].Has("pid") && !rows[0].Has("pstart") && !rows[0].Has("status") && !rows[0].Has("endtime"));
        Assert.All(rows.Skip(1), static row => Assert.True(!row.Has("pid") && row.Has("status") && row.Has("endtime") && row.Has("saved")));
    }

    [Fact]
    public async Task Version_nodes_status_and_permissions_answer()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve(), endpoint: 1);

        Assert.StartsWith("9.", (await client.GetAsync("version")).GetProperty("data").Text("version"), StringComparison.Ordinal);
        var node = (await client.GetAsync("nodes")).GetProperty("data")[0];
        Assert.Equal((Node, "online", fleet.Pve().Fingerprint), (node.Text("node"), node.Text("status"), node.Text("ssl_fingerprint")));
        var status = (await client.GetAsync("cluster/status")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(("cluster", "pve-01", 1, 2),
            (status[0].Text("type"), status[0].Text("name"), status[0].Number("quorate"), status[0].Number("nodes")));
        Assert.Equal((0, 1), (status[1].Number("local"), status[2].Number("local")));
        Assert.Equal(1, (await client.GetAsync("access/permissions")).GetProperty("data").GetProperty("/nodes").Number("Sys.Audit"));
    }

    private static string Path(FakeTask task, string rest) => $"nodes/{task.Node}/tasks/{Uri.EscapeDataString(task.Upid)}{rest}";
}
