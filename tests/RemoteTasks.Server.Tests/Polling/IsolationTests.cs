using System.Collections.Concurrent;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Tests that measure time: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    internal const string Name = "Alone";
}

/// <summary>Rule 12: one slow, broken or hostile remote never delays or loses the others' tasks; nor does a node those of its cluster.</summary>
[Collection(Alone.Name)]
public sealed class IsolationTests(ITestOutputHelper output)
{
    private const int Hostile = 3;

    [Fact]
    public async Task A_slow_remote_one_that_never_answers_and_one_that_sends_a_gibibyte_of_rubbish_delay_the_others_by_less_than_a_second()
    {
        // Two daemons at the same time, one with the three and one without: what else keeps the machine busy meets both.
        var intervals = new PollIntervals { Fetch = TimeSpan.FromSeconds(1), Running = TimeSpan.FromSeconds(1), Quiet = TimeSpan.FromSeconds(1) };
        var fleetOptions = new FleetOptions { PveRemotes = 6, NodesPerPve = 2, PbsRemotes = 0, HistoryTasks = 200, TasksPerNodePerHour = 0 };
        await using Daemon with = await Daemon.StartAsync(fleetOptions, new PollIntervals { Fetch = TimeSpan.FromDays(1), Running = TimeSpan.FromDays(1) });
        await using Daemon without = await Daemon.StartAsync(
            fleetOptions, intervals, adjust: options => options with { Remotes = [.. options.Remotes.Skip(Hostile)] });
        await with.StopAsync();
        with.Fleet.Remotes[0].Delay = TimeSpan.FromSeconds(60);
        with.Fleet.Remotes[1].Fault = _ => FakeFault.Hang;
        with.Fleet.Remotes[2].Fault = _ => FakeFault.Rubbish(1L << 30);
        await with.StartAgainAsync(options => options with { Intervals = intervals });
        TimeSpan[][] waits = await Task.WhenAll(WaitsAsync(with.Fleet, Hostile), WaitsAsync(without.Fleet, Hostile));

        // The longest but one: once the machine may have been asleep.
        (TimeSpan longest, TimeSpan usual) = (waits[0][^2], waits[1][^2]);
        output.WriteLine($"Longest time between two polls of another remote: {longest.TotalSeconds:0.00} s, without the three {usual.TotalSeconds:0.00} s");
        Assert.True(waits[0].Length > 15, $"{waits[0].Length} polls");
        Assert.True(longest - usual < TimeSpan.FromSeconds(1), $"{longest} instead of {usual}");
    }

    [Fact]
    public async Task A_node_that_takes_long_does_not_hold_up_the_others_of_its_cluster_and_is_stored_when_it_answers()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(Given.Clock()), adjust: options => options with { Patience = TimeSpan.FromMilliseconds(300) });
        FakeTask quick = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", duration: null);
        FakeTask late = daemon.Fleet.StartTask("pve-01", "pve-01-n2", "qmstart", "100", "root@pam", duration: null);
        using var answering = new ManualResetEventSlim();
        int asked = 0;
        daemon.Fleet.Remote("pve-01").Fault = request =>
        {
            if (request is { Route: "/nodes/{node}/tasks", Node: "pve-01-n2" })
            {
                Interlocked.Increment(ref asked);
                answering.Wait(TimeSpan.FromSeconds(20));
            }

            return null;
        };
        try
        {
            for (int i = 0; i < 3; i++)
            {
                PollOutcome outcome = Assert.Single(await daemon.Server.Fleet.RefreshAsync(["pve-01"], CancellationToken.None));
                Assert.Contains("has not answered for 0.3 s", outcome.Problems["pve-01-n2"], StringComparison.Ordinal);
                Assert.Equal([quick.Listed()], (await daemon.ListAsync()).Select(row => row.Upid));
            }

            // While it owes an answer it is not asked again.
            Assert.Equal(1, asked);
        }
        finally
        {
            answering.Set();
        }

        for (int i = 0; i < 500 && (await daemon.ListAsync()).Length < 2; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        Assert.Equal(new[] { quick.Listed(), late.Listed() }, (await daemon.ListAsync()).Select(row => row.Upid).Order(StringComparer.Ordinal));
    }

    /// <summary>For eight seconds, the times between two polls of the same remote, shortest first.</summary>
    private static async Task<TimeSpan[]> WaitsAsync(Fleet fleet, int from)
    {
        var waits = new ConcurrentBag<TimeSpan>();
        var lasts = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        foreach (FakeRemote remote in fleet.Remotes.Skip(from))
        {
            remote.Fault = request =>
            {
                if (request.Route == "/nodes")
                {
                    long now = TimeProvider.System.GetTimestamp();
                    if (lasts.TryGetValue(remote.Id, out long last))
                        waits.Add(TimeProvider.System.GetElapsedTime(last, now));
                    lasts[remote.Id] = now;
                }

                return null;
            };
        }

        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System);
        return [.. waits.Order()];
    }
}
