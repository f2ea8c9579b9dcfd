using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace RemoteTasks.Proxmox.Tests;

public sealed class FailoverTests
{
    private const string Empty = """{"data":[]}""";

    [Fact]
    public async Task The_endpoint_that_answered_last_is_kept_until_it_fails()
    {
        bool firstIsWell = false, secondIsWell = true;
        await using FakeHost first = await FakeHost.StartAsync(context => firstIsWell ? context.Response.WriteAsync(Empty) : BreakAsync(context));
        await using FakeHost second = await FakeHost.StartAsync(context => secondIsWell ? context.Response.WriteAsync(Empty) : BreakAsync(context));
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, first.Pinned, second.Pinned));
        await client.ListAsync();
        int asked = first.Seen.Count;
        Assert.NotEqual(0, asked);
        firstIsWell = true;
        await client.ListAsync();
        Assert.Equal((asked, 2), (first.Seen.Count, second.Seen.Count));
        secondIsWell = false;
        await client.ListAsync();
        Assert.Equal(asked + 1, first.Seen.Count);
    }

    [Fact]
    public async Task An_endpoint_whose_answer_says_no_is_kept_too()
    {
        await using FakeHost second = await FakeHost.StartAsync(FakeHost.Fail(500));
        bool firstIsWell = false;
        await using FakeHost first = await FakeHost.StartAsync(context => firstIsWell ? context.Response.WriteAsync(Empty) : BreakAsync(context));
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, first.Pinned, second.Pinned));
        await Given.FailureAsync(() => client.ListAsync());
        firstIsWell = true;
        await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(2, second.Seen.Count);
    }

    [Fact]
    public async Task An_endpoint_where_nobody_listens_is_passed_over()
    {
        await using FakeHost second = await FakeHost.StartJsonAsync(Empty);
        RemoteEndpoint dead = new("127.0.0.1", Given.DeadPort(), null);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, dead, second.Pinned));
        await client.ListAsync();
        Assert.Single(second.Seen);
    }

    [Fact]
    public async Task A_wrong_certificate_leads_to_the_next_endpoint()
    {
        await using FakeHost wrong = await FakeHost.StartJsonAsync(Empty);
        await using FakeHost good = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, wrong.Pinned with { Fingerprint = good.Fingerprint }, good.Pinned));
        await client.ListAsync();
        Assert.Empty(wrong.Seen);
        Assert.Single(good.Seen);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(595)]
    public async Task An_answer_that_says_no_is_final(int status)
    {
        await using FakeHost first = await FakeHost.StartAsync(FakeHost.Fail(status));
        await using FakeHost second = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, first.Pinned, second.Pinned));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(status, e.StatusCode);
        Assert.Empty(second.Seen);
    }

    [Fact]
    public async Task A_get_whose_connection_breaks_goes_to_the_next_endpoint()
    {
        await using FakeHost first = await FakeHost.StartAsync(BreakAsync);
        await using FakeHost second = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, first.Pinned, second.Pinned));
        await client.ListAsync();
        Assert.Single(second.Seen);
        Assert.NotEmpty(first.Seen);
    }

    [Fact]
    public async Task A_delete_whose_connection_breaks_is_not_sent_again()
    {
        await using FakeHost first = await FakeHost.StartAsync(BreakAsync);
        await using FakeHost second = await FakeHost.StartJsonAsync("""{"data":null}""");
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, first.Pinned, second.Pinned));
        ProxmoxException e = await Given.FailureAsync(() => client.StopTaskAsync("pve1", Given.PveUpid, CancellationToken.None));
        Assert.Equal(ProxmoxErrorKind.Unreachable, e.Kind);
        Assert.Contains("whether the request was carried out is not known", e.Message, StringComparison.Ordinal);
        Assert.Single(first.Seen);
        Assert.Empty(second.Seen);
    }

    [Fact]
    public async Task A_delete_that_was_surely_not_sent_goes_to_the_next_endpoint()
    {
        await using FakeHost second = await FakeHost.StartJsonAsync("""{"data":null}""");
        RemoteEndpoint dead = new("127.0.0.1", Given.DeadPort(), null);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, dead, second.Pinned));
        await client.StopTaskAsync("pve1", Given.PveUpid, CancellationToken.None);
        Assert.Equal("DELETE", second.Last.Method);
    }

    [Fact]
    public async Task When_all_fail_each_endpoint_is_listed_with_its_reason()
    {
        await using FakeHost wrong = await FakeHost.StartJsonAsync(Empty);
        RemoteEndpoint dead = new("127.0.0.1", Given.DeadPort(), null);
        RemoteEndpoint mispinned = wrong.Pinned with { Fingerprint = new string('0', 64) };
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, dead, mispinned));
        ProxmoxException e = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Certificate, e.Kind);
        Assert.Contains("none of its 2 endpoints", e.Message, StringComparison.Ordinal);
        Assert.Contains($"endpoint {dead}: cannot be connected: Connection refused", e.Message, StringComparison.Ordinal);
        Assert.Contains($"endpoint {mispinned}: its certificate is not the pinned one", e.Message, StringComparison.Ordinal);
        Assert.Equal("site-a", e.Remote);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_in_time_is_a_timeout_and_leads_on()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        RemoteEndpoint mute = new("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port, null);
        await using FakeHost good = await FakeHost.StartJsonAsync("""{"data":null}""");
        var options = new ProxmoxClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        using var alone = new ProxmoxClient(Given.Remote(RemoteType.Pve, mute), options);
        ProxmoxException e = await Given.FailureAsync(() => alone.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Timeout, e.Kind);
        Assert.Contains("no connection within 0.3 s", e.Message, StringComparison.Ordinal);
        using var both = new ProxmoxClient(Given.Remote(RemoteType.Pve, mute, good.Pinned), options with { ConnectTimeout = TimeSpan.FromSeconds(2) });
        await both.StopTaskAsync("pve1", Given.PveUpid, CancellationToken.None);
        Assert.Single(good.Seen);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_a_timeout_and_leads_on()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using FakeHost slow = await FakeHost.StartAsync(context => HangAsync(context, () => clock.Advance(TimeSpan.FromSeconds(31))));
        await using FakeHost good = await FakeHost.StartJsonAsync(Empty);
        var options = new ProxmoxClientOptions { Clock = clock };
        using var alone = new ProxmoxClient(Given.Remote(RemoteType.Pve, slow.Pinned), options);
        ProxmoxException e = await Given.FailureAsync(() => alone.ListAsync());
        Assert.Equal(ProxmoxErrorKind.Timeout, e.Kind);
        Assert.Contains("no complete answer within 30 s", e.Message, StringComparison.Ordinal);
        using var both = new ProxmoxClient(Given.Remote(RemoteType.Pve, slow.Pinned, good.Pinned), options);
        await both.ListAsync();
        Assert.Single(good.Seen);
    }

    [Fact]
    public async Task A_caller_who_gives_up_gets_a_cancellation_and_no_other_endpoint_is_asked()
    {
        using var caller = new CancellationTokenSource();
        await using FakeHost slow = await FakeHost.StartAsync(context => HangAsync(context, caller.Cancel));
        await using FakeHost good = await FakeHost.StartJsonAsync(Empty);
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, slow.Pinned, good.Pinned));
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.ListTasksAsync("pve1", new TaskListParameters(), caller.Token));
        Assert.Equal(caller.Token, e.CancellationToken);
        Assert.Empty(good.Seen);
    }

    private static Task BreakAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task HangAsync(HttpContext context, Action arrived)
    {
        // Half an answer: the limit must hold for the body too.
        await context.Response.WriteAsync("{\"data\":[");
        await context.Response.Body.FlushAsync();
        arrived();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
