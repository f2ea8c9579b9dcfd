using System.Net;
using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

public sealed class ErrorTests
{
    private const string Node = "pve-01-n1";

    [Theory]
    [InlineData("none", "No ticket")]
    [InlineData("PVEAPIToken=mon@pve!tasks=wrong", "Authentication failed!")]
    [InlineData("PVEAPIToken=mon@pve!other=TOKEN", "Authentication failed!")]
    [InlineData("PBSAPIToken=mon@pve!tasks:TOKEN", "Authentication failed!")]
    public async Task Pve_answers_401_without_a_body_and_says_why_in_the_reason_phrase(string authorization, string reason)
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        var header = authorization == "none" ? "" : authorization.Replace("TOKEN", fleet.Pve().Token, StringComparison.Ordinal);
        using var client = new Client(fleet.Pve(), authorization: header);
        using var response = await client.SendAsync(HttpMethod.Get, "version");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(reason, response.ReasonPhrase);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("PVEAPIToken mon@pve!tasks=TOKEN")]
    [InlineData("PVEAPIToken=mon%40pve%21tasks=TOKEN")]
    [InlineData("PVEAPIToken=mon@pve!tasks=TOKEN;more")]
    public async Task Pve_takes_a_token_in_several_spellings(string authorization)
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        var header = authorization.Replace("TOKEN", fleet.Pve().Token, StringComparison.Ordinal);
        using var client = new Client(fleet.Pve(), authorization: header);

        await client.GetAsync("version");
    }

    [Fact]
    public async Task Pbs_answers_401_in_plain_text()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pbs(), authorization: $"PBSAPIToken=mon@pbs!tasks={fleet.Pbs().Token}");
        using var response = await client.SendAsync(HttpMethod.Get, "version");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("authentication failed", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_token_without_rights_sees_its_own_tasks_and_no_error()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        fleet.Pve().Rights = FakeRights.None;
        var foreign = fleet.Start(seconds: 0);
        var own = fleet.Start(user: fleet.Pve().AuthId, seconds: 0);
        using var response = await client.SendAsync(HttpMethod.Get, $"nodes/{Node}/tasks/{foreign.Upid}/status");

        Assert.Equal(own.Upid, Assert.Single(await client.TasksAsync(Node)).Upid());
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("Permission check failed (/nodes/pve-01-n1, Sys.Audit)", response.ReasonPhrase);
        Assert.Empty((await client.GetAsync("access/permissions")).GetProperty("data").EnumerateObject());
        Assert.Empty((await client.GetAsync("cluster/tasks")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task An_auditor_must_not_stop_tasks()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        fleet.Pve().Rights = fleet.Pbs().Rights = FakeRights.Audit;
        var (task, pbsTask) = (fleet.Start(), fleet.StartPbs("syncjob", "main"));
        using var client = new Client(fleet.Pve());
        using var pbsClient = new Client(fleet.Pbs());
        using var response = await client.SendAsync(HttpMethod.Delete, $"nodes/{Node}/tasks/{task.Upid}");
        using var pbsResponse = await pbsClient.SendAsync(HttpMethod.Delete, $"nodes/localhost/tasks/{pbsTask.Upid}");

        Assert.Equal("Permission check failed (/nodes/pve-01-n1, Sys.Modify)", response.ReasonPhrase);
        Assert.Equal((403, "permission check failed"), ((int)pbsResponse.StatusCode, await pbsResponse.Content.ReadAsStringAsync()));
        Assert.All(fleet.Remembered(), static left => Assert.Null(left.EndTime));
    }

    [Theory]
    [InlineData("nodes/pve-09/tasks", 500, "hostname lookup 'pve-09' failed")]
    [InlineData("nodes/pve-01-n1/tasks/UPID:rubbish/status", 400, "Parameter verification failed.")]
    [InlineData("nodes/pve-01-n1/nothing", 501, "Method 'GET /nodes/pve-01-n1/nothing' not implemented")]
    public async Task Pve_puts_the_message_into_the_body_and_the_reason_phrase(string path, int status, string message)
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        using var response = await client.SendAsync(HttpMethod.Get, path);
        var body = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(status, (int)response.StatusCode);
        Assert.StartsWith(message, response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(response.ReasonPhrase + "\n", body.Text("message"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, body.GetProperty("data").ValueKind);
        Assert.True(response.Headers.ConnectionClose);
    }

    [Fact]
    public async Task A_node_that_is_offline_is_595_through_the_others_and_silent_itself()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve(), endpoint: 1);
        using var direct = new Client(fleet.Pve(), endpoint: 0);
        fleet.SetOnline("pve-01", Node, online: false);
        using var response = await client.SendAsync(HttpMethod.Get, $"nodes/{Node}/tasks");

        Assert.Equal((595, "No route to host"), ((int)response.StatusCode, response.ReasonPhrase));
        Assert.Empty(await response.Content.ReadAsStringAsync());
        Assert.Equal("offline", (await client.GetAsync("nodes")).GetProperty("data")[0].Text("status"));
        Assert.Equal(0, (await client.GetAsync("cluster/status")).GetProperty("data")[1].Number("online"));
        await Assert.ThrowsAsync<HttpRequestException>(() => direct.SendAsync(HttpMethod.Get, "version"));

        fleet.SetOnline("pve-01", Node, online: true);
        await direct.GetAsync("version");
    }

    [Fact]
    public async Task Pve_does_neither_head_nor_a_get_with_a_body()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());
        using var head = await client.SendAsync(HttpMethod.Head, "version");
        using var get = await client.SendAsync(HttpMethod.Get, "version", request => request.Content = new StringContent("{}"));

        Assert.Equal((501, 501), ((int)head.StatusCode, (int)get.StatusCode));
    }

    [Fact]
    public async Task Extjs_answers_200_and_tells_the_status_in_the_body()
    {
        await using var fleet = await Fleets.EmptyAsync(Fleets.Clock());
        using var client = new Client(fleet.Pve());

        Assert.Equal(1, (await client.GetAsync("/api2/extjs/version")).Number("success"));
        var refused = await client.GetAsync($"/api2/extjs/nodes/{Node}/tasks?bogus=1");
        Assert.Equal((0, 400), (refused.Number("success"), refused.Number("status")));
    }
}
