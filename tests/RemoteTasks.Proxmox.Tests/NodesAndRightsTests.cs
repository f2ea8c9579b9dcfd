namespace RemoteTasks.Proxmox.Tests;

public sealed class NodesAndRightsTests
{
    [Fact]
    public async Task Nodes_that_are_not_online_are_listed_as_such()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""
            {"data":[{"node":"pve1","status":"online","cpu":0.5},{"node":"pve2","status":"offline"},{"node":"pve3","status":"unknown"},{"node":"pve4"}]}
            """);
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal([new("pve1", true), new("pve2", false), new("pve3", false), new RemoteNode("pve4", false)], await client.ListNodesAsync(CancellationToken.None));
        Assert.Equal("/api2/json/nodes", host.Last.Target);
    }

    [Fact]
    public async Task A_row_that_names_no_node_or_one_twice_is_left_out()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""
            {"data":[7,{"node":"../x","status":"online"},{"status":"online"},{"node":"pve1","status":"online"},{"node":"pve1","status":"offline"}]}
            """);
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(new RemoteNode("pve1", true), Assert.Single(await client.ListNodesAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task A_cluster_without_any_node_is_a_bad_answer()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":[{"node":"a/b"}]}""");
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(ProxmoxErrorKind.BadAnswer, (await Given.FailureAsync(() => client.ListNodesAsync(CancellationToken.None))).Kind);
    }

    [Fact]
    public async Task Pbs_has_the_one_node_localhost_and_is_not_asked()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("{}");
        using ProxmoxClient client = Given.Pbs(host);
        Assert.Equal(new RemoteNode("localhost", true), Assert.Single(await client.ListNodesAsync(CancellationToken.None)));
        Assert.Empty(host.Seen);
    }

    [Theory]
    [InlineData(RemoteType.Pve, """{"/nodes/pve1":{"Sys.Audit":0}}""", true)]
    [InlineData(RemoteType.Pve, """{"/nodes":{"Sys.Audit":1}}""", true)]
    [InlineData(RemoteType.Pve, """{"/nodes":{"Sys.Audit":"0"}}""", false)]
    [InlineData(RemoteType.Pve, """{"/":{"Sys.Audit":1,"VM.Audit":1}}""", true)]
    [InlineData(RemoteType.Pve, """{"/":{"Sys.Audit":0}}""", false)]
    [InlineData(RemoteType.Pve, """{"/":{"Sys.Audit":1},"/nodes":{"Sys.Console":1}}""", false)]
    [InlineData(RemoteType.Pve, """{"/nodes/pve2":{"Sys.Audit":1}}""", false)]
    [InlineData(RemoteType.Pve, """{"/vms":{"VM.Audit":1}}""", false)]
    [InlineData(RemoteType.Pve, "{}", false)]
    [InlineData(RemoteType.Pbs, """{"/system/tasks":{"Sys.Audit":false}}""", true)]
    [InlineData(RemoteType.Pbs, """{"/system":{"Sys.Audit":true}}""", true)]
    [InlineData(RemoteType.Pbs, """{"/":{"Sys.Audit":true}}""", true)]
    [InlineData(RemoteType.Pbs, """{"/datastore":{"Datastore.Audit":true}}""", false)]
    public async Task Whether_all_tasks_are_seen_is_told_by_the_closest_path(RemoteType type, string data, bool sees)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync($$"""{"data":{{data}}}""");
        using var client = new ProxmoxClient(Given.Remote(type, host.Pinned));
        Assert.Equal(sees, await client.SeesAllTasksAsync(type == RemoteType.Pve ? "pve1" : "localhost", CancellationToken.None));
        Assert.Equal("/api2/json/access/permissions", host.Last.Target);
    }

    [Theory]
    [InlineData(200, """{"data":[]}""")]
    [InlineData(200, "hello")]
    [InlineData(400, "")]
    [InlineData(403, "")]
    [InlineData(404, "")]
    [InlineData(501, "")]
    public async Task A_remote_that_does_not_tell_gives_neither_yes_nor_no(int status, string body)
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(status, body: body));
        using ProxmoxClient client = Given.Pve(host);
        Assert.Null(await client.SeesAllTasksAsync("pve1", CancellationToken.None));
    }

    [Theory]
    [InlineData(401, ProxmoxErrorKind.Unauthorized)]
    [InlineData(500, ProxmoxErrorKind.ServerError)]
    public async Task A_remote_that_fails_is_an_error_and_no_answer(int status, ProxmoxErrorKind kind)
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(status));
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(kind, (await Given.FailureAsync(() => client.SeesAllTasksAsync("pve1", CancellationToken.None))).Kind);
    }
}
