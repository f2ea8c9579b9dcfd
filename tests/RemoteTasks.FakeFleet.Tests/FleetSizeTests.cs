using System.Diagnostics;
using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

/// <summary>Alone, since the memory of the whole process is measured: what another test lets go of would count as this one's.</summary>
[CollectionDefinition(nameof(FleetSizeTests), DisableParallelization = true)]
[Collection(nameof(FleetSizeTests))]
public sealed class FleetSizeTests
{
    [Fact]
    public async Task A_fleet_of_a_thousand_nodes_and_two_million_tasks_starts_soon_and_is_small()
    {
        var before = Memory();
        var begin = Stopwatch.GetTimestamp();
        await using var fleet = await Fleet.StartAsync(new FleetOptions
        {
            PveRemotes = 100, NodesPerPve = 10, PbsRemotes = 20, HistoryTasks = 2_000_000, Clock = Fleets.Clock(),
        });
        var elapsed = Stopwatch.GetElapsedTime(begin);
        var bytes = Memory() - before;
        TestContext.Current.SendDiagnosticMessage($"{elapsed.TotalSeconds:0.0} s, {bytes / 1e6:0} MB");

        Assert.InRange(bytes, 1, 400_000_000);
        Assert.True(elapsed < TimeSpan.FromSeconds(40), elapsed.ToString());
        using var client = new Client(fleet.Remotes[99], endpoint: 9);
        Assert.Equal(50, (await client.TasksAsync("pve-100-n10")).Count);
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
