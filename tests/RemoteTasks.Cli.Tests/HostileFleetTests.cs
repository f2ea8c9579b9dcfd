using System.Globalization;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>What remotes that do harm cost the daemon's process. Whom they hold up is measured beside the poller.</summary>
public sealed class HostileFleetTests(ITestOutputHelper output)
{
    private const int Hostile = 3;
    private const long MemoryBytesMax = 256L << 20;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Answers_without_an_end_cost_bounded_memory()
    {
        await using Fleet fleet = await Fleet.StartAsync(new FleetOptions { PveRemotes = 6, NodesPerPve = 2, PbsRemotes = 0, HistoryTasks = 200, TasksPerNodePerHour = 0 });
        int rubbish = 0;
        foreach (FakeRemote remote in fleet.Remotes.Take(Hostile))
        {
            remote.Fault = _ =>
            {
                Interlocked.Increment(ref rubbish);
                return FakeFault.Rubbish(1L << 30);
            };
        }

        using var directory = new TempDirectory();
        string remotes = directory.PathOf("remotes.json");
        fleet.WriteRemotesFile(remotes);
        await using ProductProcess daemon = ProductProcess.Start(
            ["serve", "--remotes", remotes, "--data", directory.PathOf("data"), "--listen", "127.0.0.1:0", "--fetch-every", "1", "--running-every", "1"], UnitFile.Environment);
        await daemon.AfterAsync("Serving");
        long most = 0;
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Watched;)
        {
            most = Math.Max(most, daemon.MemoryBytes.Own);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rubbish} answers of 1 GiB: at most {most / 1048576.0:0} MiB of memory"));
        Assert.True(rubbish >= Hostile, $"{rubbish} answers");
        Assert.True(most < MemoryBytesMax, $"{most} bytes");
    }
}
