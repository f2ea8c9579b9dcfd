using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class PbsTests
{
    [Fact]
    public async Task Rows_have_names_of_their_own_and_the_whole_auth_id()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pbs());
        fleet.StartPbs("logrotate", "", seconds: 0);
        clock.Advance(1);
        var running = fleet.StartPbs("backup", "Backup-Vms:vm/6002", "backup@pbs!pve-01");

        var rows = await client.TasksAsync("localhost");

        Assert.Equal([running.Upid, "backup", "Backup-Vms:vm/6002", "backup@pbs!pve-01", "localhost"],
            new[] { "upid", "worker_type", "worker_id", "user", "node" }.Select(name => rows[0].Text(name)));
        Assert.False(rows[0].Has("status") || rows[0].Has("endtime") || rows[0].Has("type") || rows[0].Has("tokenid"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, rows[1].GetProperty("worker_id").ValueKind);
        Assert.Equal("OK", rows[1].Text("status"));
        Assert.Equal(["localhost"], fleet.Pbs().Nodes);
        var parts = running.Upid.Split(':');
        Assert.Equal((10, "backup-01"), (parts.Length, parts[1]));
        Assert.Equal((running.StartTime.ToString("X8"), @"Backup\x2dVms\x3avm-6002"), (parts[5], parts[7]));
    }

    [Fact]
    public async Task Limit_0_means_all_and_the_total_only_tells_whether_there_may_be_more()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()));
        using var client = new Client(fleet.Pbs());
        var count = fleet.Remembered().Count(static task => task.RemoteType == "pbs");

        var all = await client.GetAsync("nodes/localhost/tasks?limit=0");
        var page = await client.GetAsync("nodes/localhost/tasks?start=10");
        var last = await client.GetAsync($"nodes/localhost/tasks?start={count - 3}");

        Assert.Equal((count, count), (all.GetProperty("data").GetArrayLength(), (int)all.Number("total")));
        Assert.Equal((50, 61), (page.GetProperty("data").GetArrayLength(), page.Number("total")));
        Assert.Equal((3, count), (last.GetProperty("data").GetArrayLength(), (int)last.Number("total")));
    }

    [Fact]
    public async Task Running_tasks_come_by_start_and_the_archive_by_end()
    {
        await using var fleet = await Fleet.StartAsync(Fleets.Busy(Fleets.Clock()) with { PveRemotes = 0 });
        using var client = new Client(fleet.Pbs());
        var rows = await client.TasksAsync("localhost", "?limit=0");
        var running = rows.TakeWhile(Json.IsRunning).Select(static row => row.Number("starttime")).ToList();
        var ends = rows.Skip(running.Count).Select(static row => row.Number("endtime")).ToList();

        Assert.NotEmpty(running);
        Assert.Equal(running.OrderDescending(), running);
        Assert.Equal(ends.OrderDescending(), ends);
    }

    [Fact]
    public async Task Filters_mean_other_things_than_on_pve()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pbs());
        var running = fleet.StartPbs("backup", "main:vm/101", "backup@pbs!pve-01");
        var ok = fleet.StartPbs("verificationjob", "main:v-1", seconds: 0);
        var warning = fleet.StartPbs("syncjob", "offsite:tank:fast::s-1", seconds: 0, status: "WARNINGS: 1");
        var error = fleet.StartPbs("verify", "mainframe", "backup@pbs!pve-01", seconds: 0, status: "connection error: reset");
        var unknown = fleet.StartPbs("garbage_collection", "fast", seconds: 0, status: "unknown");

        await Found("typefilter=verif", ok, error);
        await Found("userfilter=!pve", running, error);
        await Found("userfilter=BACKUP");
        await Found("errors=1", running, warning, error, unknown);
        await Found("running=1", running);
        await Found("statusfilter=ok&statusfilter=warning", ok, warning);
        await Found("statusfilter=unknown", unknown);
        await Found("store=main", running, ok);
        await Found("store=fast", warning, unknown);

        async Task Found(string query, params FakeTask[] expected) => Assert.Equal(
            expected.Select(static task => task.Upid).Order(StringComparer.Ordinal),
            (await client.TasksAsync("localhost", "?" + query)).Select(Json.Upid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Since_compares_starts_and_reading_stops_at_the_first_earlier_end()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pbs());
        var longOne = fleet.StartPbs("syncjob", seconds: 100);
        clock.Advance(10);
        var shortOne = fleet.StartPbs(seconds: 1);
        clock.Advance(1_000);

        Assert.Equal([shortOne.Upid], (await client.TasksAsync("localhost", $"?since={shortOne.StartTime}")).Select(Json.Upid));
        Assert.Equal([longOne.Upid], (await client.TasksAsync("localhost", $"?until={longOne.StartTime}")).Select(Json.Upid));
        Assert.Empty(await client.TasksAsync("localhost", $"?since={longOne.StartTime + 101}"));
    }

    [Fact]
    public async Task A_status_uses_the_names_that_the_list_does_not()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pbs());
        var task = fleet.StartPbs("backup", "Backup-Vms:vm/6002", "backup@pbs!pve-01", seconds: 0);
        var status = (await client.GetAsync(Path(task, "/status"))).GetProperty("data");

        Assert.Equal(["backup-01", "backup", "Backup-Vms:vm/6002", "backup@pbs", "pve-01", "stopped", "OK"],
            new[] { "node", "type", "id", "user", "tokenid", "status", "exitstatus" }.Select(name => status.Text(name)));
    }

    [Fact]
    public async Task Log_lines_carry_a_time_and_both_0_and_1_name_the_first()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pbs());
        var task = fleet.StartPbs(seconds: 3_000);
        clock.Advance(1_000);

        var log = await client.GetAsync(Path(task, "/log?start=0&test-status=1"));
        Assert.StartsWith("2026-03-10T14:23:45+00:00: ", log.GetProperty("data")[0].Text("t"), StringComparison.Ordinal);
        Assert.Equal((1, true), (log.Number("success"), log.GetProperty("active").GetBoolean()));
        Assert.Equal(1, (await client.GetAsync(Path(task, "/log?start=1"))).GetProperty("data")[0].Number("n"));
        Assert.Equal(2, (await client.GetAsync(Path(task, "/log?start=2"))).GetProperty("data")[0].Number("n"));
        Assert.False(log.GetProperty("data")[0].Text("t").EndsWith("TASK OK", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Errors_are_plain_text_that_claims_to_be_json()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pbs());
        using var response = await client.SendAsync(HttpMethod.Get, "nodes/localhost/tasks?vmid=101");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            "parameter verification errors\nparameter 'vmid': schema does not allow additional properties.\n",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Its_own_name_and_localhost_are_the_only_nodes()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pbs());
        Assert.Empty(await client.TasksAsync("backup-01"));
        using var response = await client.SendAsync(HttpMethod.Get, "nodes/pbs-01/tasks");

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_deleted_task_is_aborted()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pbs());
        var task = fleet.StartPbs("syncjob", "offsite:tank:main::s-1");
        using var response = await client.SendAsync(HttpMethod.Delete, Path(task, ""));

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("aborted", Assert.Single(fleet.Remembered()).Status);
    }

    private static string Path(FakeTask task, string rest) => $"nodes/localhost/tasks/{Uri.EscapeDataString(task.Upid)}{rest}";
}
