using System.Net;
using Microsoft.AspNetCore.Http;

namespace RemoteTasks.Proxmox.Tests;

/// <summary>What goes over the wire, byte for byte.</summary>
public sealed class WireTests
{
    private const string Empty = """{"data":[]}""";

    [Theory]
    [InlineData(RemoteType.Pve, "PVEAPIToken=mon@pve!tasks=" + Given.Secret)]
    [InlineData(RemoteType.Pbs, "PBSAPIToken=mon@pve!tasks:" + Given.Secret)]
    public async Task Each_product_gets_the_token_in_its_own_form(RemoteType type, string expected)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(type, host.Pinned));
        await client.ListAsync();
        Assert.Equal(expected, host.Last.Headers["Authorization"]);
    }

    [Fact]
    public async Task Characters_that_would_end_or_split_the_header_are_escaped()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        RemoteDefinition remote = Given.Remote(RemoteType.Pve, host.Pinned) with { AuthId = "a;b%c@ldap!t", Token = new ApiToken("x=y;z%") };
        using var client = new ProxmoxClient(remote);
        await client.ListAsync();
        Assert.Equal("PVEAPIToken=a%3Bb%25c@ldap!t=x%3Dy%3Bz%25", host.Last.Headers["Authorization"]);
    }

    [Fact]
    public async Task A_request_is_http_1_1_with_gzip_accepted_without_body_cookie_or_trace()
    {
        await using FakeHost host = await FakeHost.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = "PVEAuthCookie=x; Path=/";
            return context.Response.WriteAsync(Empty);
        });
        using ProxmoxClient client = Given.Pve(host);
        using System.Diagnostics.Activity trace = new System.Diagnostics.Activity("poll").Start();
        await client.ListAsync();
        await client.ListAsync();
        SeenRequest seen = host.Last;
        Assert.Equal("HTTP/1.1", seen.Protocol);
        Assert.Equal("gzip", seen.Headers["Accept-Encoding"]);
        Assert.Null(seen.BodyLength);
        Assert.False(seen.Headers.ContainsKey("Cookie") || seen.Headers.ContainsKey("traceparent") || seen.Headers.ContainsKey("Transfer-Encoding"));
    }

    [Fact]
    public async Task A_pbs_upid_is_escaped_once_and_stays_one_segment()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":{"status":"running"}}""");
        using ProxmoxClient client = Given.Pbs(host);
        await client.GetTaskStatusAsync("localhost", Given.PbsUpid, CancellationToken.None);
        Assert.Equal("/api2/json/nodes/localhost/tasks/UPID%3Apbs-01%3A000003A9%3A00000612%3A000017CD%3A643F3D37%3Abackup%3A"
            + "Backup%5Cx2dVms%5Cx3avm-6002%3Abackup%40pbs%21job%3A/status", host.Last.Target);
    }

    [Fact]
    public async Task A_upid_with_slashes_dots_percent_and_letters_beyond_ascii_cannot_change_the_path()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":{"status":"running"}}""");
        using ProxmoxClient client = Given.Pve(host);
        const string Upid = "UPID:n:0000C346:00000001:68D7279C:t:/../..%2f?#ü:u@pam:";
        await client.GetTaskStatusAsync("pve1", Upid, CancellationToken.None);
        string segment = host.Last.Target["/api2/json/nodes/pve1/tasks/".Length..^"/status".Length];
        Assert.DoesNotContain('/', segment);
        Assert.Equal(Upid, Uri.UnescapeDataString(segment));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a.b")]
    [InlineData("a\n")]
    [InlineData("")]
    public async Task A_name_that_is_no_node_is_refused_before_anything_is_sent(string node)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using ProxmoxClient client = Given.Pve(host);
        await Assert.ThrowsAsync<ArgumentException>(() => client.ListTasksAsync(node, new TaskListParameters(), CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => client.StopTaskAsync(node, Given.PveUpid, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SeesAllTasksAsync(node, CancellationToken.None));
        Assert.Empty(host.Seen);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("qmstart")]
    [InlineData("UPID:a b:")]
    [InlineData("UPID:\u001b[2J:")]
    public async Task A_text_that_is_no_upid_is_refused_before_anything_is_sent(string upid)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using ProxmoxClient client = Given.Pve(host);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetTaskStatusAsync("pve1", upid, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetTaskLogAsync("pve1", upid, 0, 0, CancellationToken.None));
        Assert.Empty(host.Seen);
    }

    [Fact]
    public async Task Stopping_a_task_sends_delete_without_a_body()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":null}""");
        using ProxmoxClient client = Given.Pve(host);
        await client.StopTaskAsync("pve1", Given.PveUpid, CancellationToken.None);
        Assert.Equal("DELETE", host.Last.Method);
        Assert.EndsWith("mon%40pve%21tasks%3A", host.Last.Target, StringComparison.Ordinal);
        Assert.True(host.Last.BodyLength is null or 0);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using FakeHost host = await FakeHost.StartAsync(context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using ProxmoxClient client = Given.Pve(host);
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal((ProxmoxErrorKind.BadAnswer, 302), (e.Kind, e.StatusCode));
        Assert.Single(host.Seen);
    }

    [Fact]
    public async Task The_proxy_of_the_system_is_not_used()
    {
        HttpClient.DefaultProxy = new WebProxy("127.0.0.1", Given.DeadPort()) { BypassProxyOnLocal = false };
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(0, (await client.ListAsync()).RowCount);
    }

    [Fact]
    public async Task No_more_requests_are_under_way_than_allowed()
    {
        int now = 0, most = 0;
        await using FakeHost host = await FakeHost.StartAsync(async context =>
        {
            int count = Interlocked.Increment(ref now);
            InterlockedMax(ref most, count);
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, context.RequestAborted);
            Interlocked.Decrement(ref now);
            await context.Response.WriteAsync(Empty);
        });
        using ProxmoxClient client = Given.Pve(host, new ProxmoxClientOptions { ConnectionsPerRemote = 2 });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => client.ListAsync()));
        Assert.Equal(2, most);
        Assert.Equal(12, host.Seen.Count);
    }

    [Fact]
    public async Task A_connection_is_used_again_but_not_when_the_server_is_about_to_close_it()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        using ProxmoxClient client = Given.Pve(host);
        await client.ListAsync();
        await client.ListAsync();
        // The products close after 5 s.
        await Task.Delay(TimeSpan.FromSeconds(4.8), TimeProvider.System, CancellationToken.None);
        await client.ListAsync();
        string[] connections = [.. host.Seen.Select(seen => seen.Connection)];
        Assert.Equal(connections[0], connections[1]);
        Assert.NotEqual(connections[1], connections[2]);
    }

    [Fact]
    public async Task A_closed_client_does_not_ask_any_more()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(Empty);
        ProxmoxClient client = Given.Pve(host);
        client.Dispose();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ListAsync());
        Assert.Empty(host.Seen);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
