using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Rule 15: what damage took away is asked for again, of everybody, and what cannot be had any more is named for good.</summary>
public sealed class RepairTests
{
    private static readonly PollIntervals OnlyRepairs = new()
    {
        Fetch = TimeSpan.FromDays(100), Running = TimeSpan.FromDays(100), RetryMax = TimeSpan.FromDays(100), Apply = TimeSpan.FromDays(100), Rotate = TimeSpan.FromDays(100), Repair = TimeSpan.FromMilliseconds(100),
    };

    // As after a failure of power: the cache is damaged, and the daemon is there before the clusters are.
    [Fact]
    public async Task Damage_is_not_settled_before_every_remote_has_been_asked()
    {
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(TimeProvider.System), OnlyRepairs);
        string lost = await LoseATaskAsync(daemon);
        FakeRemote away = daemon.Fleet.Remote("pve-01");
        away.Fault = static _ => FakeFault.Status(500);
        await daemon.StartAgainAsync();
        await UntilAsync(() => Repairs(daemon).Count > 0);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        Assert.Null(Assert.Single(Repairs(daemon)).Settled);
        Assert.DoesNotContain(lost, (await daemon.ListAsync()).Select(row => row.Upid));

        away.Fault = null;
        await UntilAsync(() => Repairs(daemon).All(repair => repair.Settled is not null));
        Assert.Contains(lost, (await daemon.ListAsync()).Select(row => row.Upid));
        Assert.Equal(7, (await daemon.ListAsync()).Length);
        Assert.All(Nodes(daemon), node => Assert.Empty(node.Gaps));
    }

    [Fact]
    public async Task A_remote_that_stays_away_for_a_day_lacks_what_it_had_up_to_now_and_no_longer()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        await using Daemon daemon = await Daemon.StartAsync(Given.Still(clock), OnlyRepairs with { Repair = TimeSpan.FromHours(1) });
        await LoseATaskAsync(daemon);
        daemon.Fleet.Remote("pve-01").Fault = static _ => FakeFault.Status(500);
        await daemon.StartAgainAsync();
        int hours = 0;
        for (; hours < 40 && Repairs(daemon).All(repair => repair.Settled is null); hours++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        Assert.InRange(hours, 24, 39);
        NodeState[] lacking = [.. Nodes(daemon).Where(node => node.Gaps.Count > 0)];
        Assert.NotEmpty(lacking);
        Assert.All(lacking, node => Assert.Equal("pve-01", node.Remote));
        Assert.All(lacking, node => Assert.InRange(node.Gaps.Single().To, 1_795_478_400, clock.GetUtcNow().ToUnixTimeSeconds()));
    }

    /// <summary>Seven tasks are known; then the daemon ends, and one of the cluster's goes bad in the journal.</summary>
    private static async Task<string> LoseATaskAsync(Daemon daemon)
    {
        for (int i = 0; i < 6; i++)
            daemon.Fleet.StartTask("pbs-01", "localhost", "prune", $"store{i}", "root@pam", TimeSpan.Zero);
        FakeTask lost = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "77", "root@pam", TimeSpan.Zero);
        await daemon.RefreshAsync();
        Assert.Equal(7, (await daemon.ListAsync()).Length);
        await daemon.StopAsync();
        string journal = Path.Combine(daemon.CacheDirectory, "journal");
        string[] lines = await File.ReadAllLinesAsync(journal);
        await File.WriteAllLinesAsync(journal, lines.Select(line => line.Contains(lost.Upid, StringComparison.Ordinal) ? line.Replace("vzdump", "vzdumb", StringComparison.Ordinal) : line));
        return lost.Listed();
    }

    private static IReadOnlyList<Repair> Repairs(Daemon daemon)
    {
        using CacheReader reader = TaskCache.Open(daemon.CacheDirectory).Read();
        return reader.State.Repairs;
    }

    private static IReadOnlyList<NodeState> Nodes(Daemon daemon)
    {
        using CacheReader reader = TaskCache.Open(daemon.CacheDirectory).Read();
        return [.. reader.State.Nodes];
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 1_000 && !isSo(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        Assert.True(isSo());
    }
}
