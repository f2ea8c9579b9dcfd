using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace RemoteTasks.Proxmox.Tests;

/// <summary>An endpoint that fails again and again is left alone for a while, then asked once, then left alone for longer.</summary>
public sealed class CircuitTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task An_endpoint_that_failed_three_times_in_a_row_is_left_alone_and_says_why()
    {
        await using FakeHost host = await BrokenAsync();
        using ProxmoxClient client = Given.Pve(host, new ProxmoxClientOptions { BreakClock = _clock });
        await FailAsync(client, times: 3);
        int asked = host.Seen.Count;
        ProxmoxException error = await Given.FailureAsync(() => client.ListAsync());
        Assert.Equal(asked, host.Seen.Count);
        Assert.Contains("left alone for a while", error.Message, StringComparison.Ordinal);
        Assert.Contains("the connection broke", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_asked_again_after_a_break_that_grows_up_to_a_limit()
    {
        await using FakeHost host = await BrokenAsync();
        var options = new ProxmoxClientOptions { BreakClock = _clock, Break = TimeSpan.FromSeconds(10), BreakMax = TimeSpan.FromSeconds(35) };
        using ProxmoxClient client = Given.Pve(host, options);
        await FailAsync(client, times: 3);
        foreach (int seconds in (int[])[10, 20, 35, 35])
        {
            int asked = host.Seen.Count;
            _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            await FailAsync(client, times: 1);
            Assert.Equal(asked, host.Seen.Count);
            _clock.Advance(TimeSpan.FromSeconds(2));
            await FailAsync(client, times: 1);
            Assert.NotEqual(asked, host.Seen.Count);
        }
    }

    [Fact]
    public async Task Who_wants_to_know_now_has_it_asked_at_once()
    {
        bool isWell = false;
        await using FakeHost host = await FakeHost.StartAsync(context => isWell ? context.Response.WriteAsync("""{"data":[]}""") : BreakAsync(context));
        using ProxmoxClient client = Given.Pve(host, new ProxmoxClientOptions { BreakClock = _clock });
        await FailAsync(client, times: 4);
        isWell = true;
        client.TryAgain();
        await client.ListAsync();
    }

    [Fact]
    public async Task An_answer_that_says_no_is_no_failure_of_the_endpoint()
    {
        await using FakeHost host = await FakeHost.StartAsync(FakeHost.Fail(500));
        using ProxmoxClient client = Given.Pve(host, new ProxmoxClientOptions { BreakClock = _clock });
        await FailAsync(client, times: 6);
        Assert.Equal(6, host.Seen.Count);
    }

    [Fact]
    public async Task While_one_endpoint_is_left_alone_the_other_is_asked_and_only_the_other()
    {
        await using FakeHost broken = await BrokenAsync();
        await using FakeHost good = await FakeHost.StartJsonAsync("""{"data":[]}""");
        using var client = new ProxmoxClient(Given.Remote(RemoteType.Pve, broken.Pinned, good.Pinned), new ProxmoxClientOptions { BreakClock = _clock });
        for (int i = 0; i < 8; i++)
            await client.ListAsync();
        Assert.Equal(8, good.Seen.Count);
        Assert.InRange(broken.Seen.Count, 1, 6);
    }

    private static Task<FakeHost> BrokenAsync() => FakeHost.StartAsync(BreakAsync);

    private static Task BreakAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task FailAsync(ProxmoxClient client, int times)
    {
        for (int i = 0; i < times; i++)
            await Given.FailureAsync(() => client.ListAsync());
    }
}
