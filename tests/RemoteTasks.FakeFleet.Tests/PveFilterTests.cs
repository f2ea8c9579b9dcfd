using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class PveFilterTests
{
    private const string Node = "pve-01-n1";

    [Fact]
    public async Task Since_and_until_compare_the_start_time_and_are_inclusive()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var longOne = fleet.Start("vzdump", seconds: 100);
        clock.Advance(10);
        var shortOne = fleet.Start(seconds: 1);
        clock.Advance(1_000);

        // The trap: the long one ended last, yet asking from the newest known start on loses it.
        Assert.Equal([shortOne.Upid], await Upids(client, $"since={shortOne.StartTime}"));
        Assert.Equal([longOne.Upid, shortOne.Upid], await Upids(client, $"since={longOne.StartTime}"));
        Assert.Equal([longOne.Upid], await Upids(client, $"until={longOne.StartTime}"));
        Assert.Equal([longOne.Upid], await Upids(client, $"since={longOne.StartTime}&until={shortOne.StartTime - 1}"));
        Assert.Empty(await Upids(client, $"since={shortOne.StartTime + 1}"));
    }

    [Fact]
    public async Task A_type_must_be_equal()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var task = fleet.Start("qmstart", seconds: 0);

        Assert.Empty(await Upids(client, "typefilter=qm"));
        Assert.Empty(await Upids(client, "typefilter=QMSTART"));
        Assert.Equal([task.Upid], await Upids(client, "typefilter=qmstart"));
    }

    [Fact]
    public async Task A_user_is_found_by_any_part_in_any_case_but_the_token_of_running_tasks_only()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var running = fleet.Start(user: "joe@pve!tok");
        var finished = fleet.Start(user: "joe@pve!tok", seconds: 0);

        Assert.Equal([running.Upid, finished.Upid], await Upids(client, "source=all&userfilter=JOE@"));
        Assert.Equal([running.Upid], await Upids(client, "source=all&userfilter=!tok"));
        Assert.Empty(await Upids(client, "source=all&userfilter=mary"));
    }

    [Fact]
    public async Task A_vmid_must_be_the_whole_id()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var guest = fleet.Start(id: "101", seconds: 0);
        fleet.Start("vzdump", id: "", seconds: 0);
        fleet.Start("imgdel", id: "101@local-lvm", seconds: 0);

        Assert.Equal([guest.Upid], await Upids(client, "vmid=101"));
    }

    [Fact]
    public async Task Statuses_fall_into_the_four_classes_of_the_server()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var running = fleet.Start();
        var ok = fleet.Start(seconds: 0);
        var warning = fleet.Start(seconds: 0, status: "WARNINGS: 3");
        var error = fleet.Start(seconds: 0, status: "job errors");
        var unexpected = fleet.Start(seconds: 0, status: "unexpected status");
        var unknown = fleet.Start(seconds: 0, status: "unknown");
        var textual = fleet.Start(seconds: 0, status: "WARNINGS: some");

        await Found("statusfilter=ok", ok);
        await Found("statusfilter=WARNING", warning);
        await Found("statusfilter=error", error, unknown, textual);
        await Found("statusfilter=unknown", running, unexpected);
        await Found("statusfilter=ok,warning;unknown error", running, ok, warning, error, unexpected, unknown, textual);
        await Found("errors=1", running, warning, error, unexpected, unknown, textual);
        await Found("errors=yes&statusfilter=ok", running, warning, error, unexpected, unknown, textual);

        async Task Found(string query, params FakeTask[] expected) => Assert.Equal(
            expected.Select(static task => task.Upid).Order(StringComparer.Ordinal),
            (await Upids(client, "source=all&" + query)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bogus=1", "bogus")]
    [InlineData("Start=1", "Start")]
    [InlineData("start=-1", "start")]
    [InlineData("limit=many", "limit")]
    [InlineData("vmid=99", "vmid")]
    [InlineData("source=old", "source")]
    [InlineData("errors=maybe", "errors")]
    [InlineData("statusfilter=ok,bad", "statusfilter")]
    [InlineData("running=1", "running")]
    public async Task A_wrong_or_unknown_parameter_is_refused_by_name(string query, string name)
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        using var response = await client.SendAsync(HttpMethod.Get, $"nodes/{Node}/tasks?{query}");
        using var body = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("Parameter verification failed.", response.ReasonPhrase);
        Assert.Equal("Parameter verification failed.\n", body.RootElement.Text("message"));
        Assert.Equal([name], body.RootElement.GetProperty("errors").EnumerateObject().Select(static error => error.Name));
    }

    private static async Task<List<string>> Upids(Client client, string query) =>
        [.. (await client.TasksAsync(Node, "?" + query)).Select(Json.Upid)];
}
