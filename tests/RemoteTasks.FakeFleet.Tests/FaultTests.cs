using System.Net;
using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class FaultTests
{
    private const string Node = "pve-01-n1";
    private const string Tasks = $"nodes/{Node}/tasks";

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(595)]
    [InlineData(596)]
    public async Task A_fault_answers_with_its_status_for_the_route_that_it_is_made_for(int status)
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        fleet.Pve().Fault = request => request is { Route: "/nodes/{node}/tasks", Node: Node } ? FakeFault.Status(status) : null;
        using var response = await client.SendAsync(HttpMethod.Get, Tasks);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty((await client.GetAsync("nodes")).GetProperty("data").EnumerateArray());
        Assert.Empty(await client.TasksAsync("pve-01-n2"));
    }

    [Fact]
    public async Task A_cut_answer_ends_early_a_dropped_one_never_begins_and_a_hanging_one_never_comes()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        fleet.Pve().Fault = _ => FakeFault.CutBody;
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Tasks));
        fleet.Pve().Fault = _ => FakeFault.Drop;
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Tasks));

        fleet.Pve().Fault = _ => FakeFault.Hang;
        var hanging = client.GetAsync(Tasks);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(hanging.IsCompleted);
    }

    [Fact]
    public async Task Rubbish_is_as_long_as_it_is_said_to_be_and_no_json()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        fleet.Pve().Fault = _ => FakeFault.Rubbish(1 << 20);
        using var response = await client.SendAsync(HttpMethod.Get, Tasks);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1 << 20, (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Control_characters_are_in_the_status_and_the_rest_is_right()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var task = fleet.Start(seconds: 0);
        fleet.Pve().Fault = _ => FakeFault.ControlCharacters;
        var row = Assert.Single(await client.TasksAsync(Node));

        Assert.Equal(task.Upid, row.Upid());
        Assert.StartsWith("\u001b[2J", row.Text("status"), StringComparison.Ordinal);
        Assert.EndsWith("OK", row.Text("status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_in_the_date_and_in_the_upids_and_can_be_set_back()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleets.EmptyAsync(clock);
        using var client = new Client(fleet.Pve());
        var now = clock.GetUtcNow();
        fleet.SetClock("pve-01", TimeSpan.FromHours(1));
        var early = fleet.Start(seconds: 5);
        fleet.SetClock("pve-01", TimeSpan.Zero);
        var late = fleet.Start(seconds: 5);
        clock.Advance(5);
        fleet.SetClock("pve-01", TimeSpan.FromMinutes(-10));
        using var response = await client.SendAsync(HttpMethod.Get, Tasks);
        var rows = await client.TasksAsync(Node);

        Assert.Equal(now.ToUnixTimeSeconds() + 3600, early.StartTime);
        Assert.Equal(now.ToUnixTimeSeconds(), late.StartTime);
        Assert.Equal(now.AddSeconds(5).AddMinutes(-10).ToUnixTimeSeconds(), response.Headers.Date!.Value.ToUnixTimeSeconds());
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal(now.ToUnixTimeSeconds() + 5, row.Number("endtime")));
    }

    [Fact]
    public async Task A_renamed_node_keeps_the_old_name_in_the_upids_it_remembers()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        var old = fleet.Start(seconds: 0);
        fleet.RenameNode("pve-01", Node, "newname");
        var young = fleet.StartTask("pve-01", "newname", "qmstart", "101", "root@pam", TimeSpan.Zero);

        Assert.Equal([young.Upid, old.Upid], (await client.TasksAsync("newname")).Select(static row => row.Upid()));
        Assert.Contains(":" + Node + ":", old.Upid, StringComparison.Ordinal);
        Assert.Contains(":newname:", young.Upid, StringComparison.Ordinal);
        Assert.Equal(["newname", "pve-01-n2"], fleet.Pve().Nodes);
        using var gone = await client.SendAsync(HttpMethod.Get, Tasks);
        Assert.Equal(HttpStatusCode.InternalServerError, gone.StatusCode);
    }

    [Fact]
    public async Task A_node_can_forget_and_a_list_can_ignore_paging()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        for (var i = 0; i < 5; i++) fleet.Start(seconds: 0);
        fleet.Pve().RowsMax = 2;
        Assert.Equal(2, (await client.TasksAsync(Node)).Count);
        fleet.Pve().IgnoresPaging = true;
        Assert.Equal(5, (await client.TasksAsync(Node, "?start=3&limit=1")).Count);

        fleet.Forget("pve-01", Node);
        Assert.Empty(await client.TasksAsync(Node));
        Assert.Empty(fleet.Remembered());
    }

    [Fact]
    public async Task A_certificate_can_change()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        var before = fleet.Pve().Fingerprint;
        using (var client = new Client(fleet.Pve())) await client.GetAsync("version");
        fleet.ChangeCertificate("pve-01");
        using (var client = new Client(fleet.Pve())) await client.GetAsync("version");

        Assert.NotEqual(before, fleet.Pve().Fingerprint);
    }
}
