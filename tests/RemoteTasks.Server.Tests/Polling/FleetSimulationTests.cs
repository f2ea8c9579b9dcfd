using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Days of a fleet of which always something fails, by the daemon's own schedule.</summary>
public sealed class FleetSimulationTests(ITestOutputHelper output)
{
    private const int Seed = 5;
    private const int PercentFailing = 5;
    private const int Days = 3;

    // Nodes remember some 50 to 100 tasks, 4 to 8 hours: who is away for longer forgets.
    private const int IndexBytes = 4_000;

    private static readonly int Clusters = Effort.Of(4, nightly: 100);
    private static readonly int NodesPerCluster = Effort.Of(6, nightly: 10);
    private static readonly int BackupServers = Effort.Of(2, nightly: 20);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(Effort.Of(45, nightly: 30));
    private static readonly int Steps = (int)(TimeSpan.FromDays(Days) / Step);

    private readonly Random _random = new(Seed);
    private readonly Dictionary<(string Remote, string Node), int> _backAt = [];
    private int _away;

    /// <summary>
    /// Invariants: every task that ever began is listed once, with its end and its result, and nothing else is; what is missing, or whose end is unknown, lies
    /// in a span that is recorded for its node; in every span that is recorded something is missing, or the node had at least forgotten all that was known.
    /// </summary>
    [Fact]
    public async Task Three_days_of_a_failing_fleet_are_listed_task_for_task_but_for_the_gaps_that_are_recorded()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        var watch = Stopwatch.StartNew();
        using var logs = new Logs();
        int nodes = (Clusters * NodesPerCluster) + BackupServers;
        await using Daemon daemon = await Daemon.StartAsync(
            new FleetOptions
            {
                PveRemotes = Clusters, NodesPerPve = NodesPerCluster, PbsRemotes = BackupServers, HistoryTasks = 10 * nodes, TasksPerNodePerHour = 12,
                IndexBytesMax = IndexBytes, Delay = TimeSpan.FromMilliseconds(50), Seed = Seed, Clock = clock, KeepsEverything = true,
            },
            new PollIntervals
            {
                Fetch = Step * 0.85,
                Running = Step,
                Quiet = TimeSpan.FromHours(2),
                RetryMax = Step * 2.5,
                Apply = TimeSpan.FromHours(6),
                Rotate = TimeSpan.FromHours(1),
            },
            logs,
            adjust: options => options with { ConnectionsMax = 200, ConnectionsPerRemote = Effort.Of(6, nightly: 3) });

        // What a node forgot before it was asked for the first time was never known, and is no gap: so the first time all goes well.
        await daemon.WaitUntilIdleAsync();
        var faults = new SeededFaults(Seed, PercentFailing);
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            remote.Fault = request => faults.Choose(remote, request);

        for (int step = 1; step <= Steps; step++)
        {
            ComeAndGo(daemon.Fleet, step);
            clock.Advance(Step);
            await daemon.WaitUntilIdleAsync();
            if (step * Step.TotalDays % 1 == 0)
                output.WriteLine($"{step * Step.TotalDays} days: {faults.Calls:N0} calls, {watch.Elapsed.TotalSeconds:0} s");
        }

        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            remote.Fault = null;
        daemon.Fleet.Quiet = true;
        for (int i = 0; i < 6; i++)
        {
            clock.Advance(Step);
            await daemon.WaitUntilIdleAsync();
        }

        FleetVerdict verdict = FleetVerdict.Of(daemon);
        output.WriteLine(
            $"{Days} days in {Steps:N0} steps, {nodes:N0} nodes of {daemon.Fleet.Remotes.Count} remotes, {daemon.Fleet.RequestCount:N0} requests, {faults.Failed:N0} of "
            + $"{faults.Calls:N0} failed, nodes went away {_away:N0} times; {verdict.Tasks:N0} tasks: {verdict.Equal:N0} listed as they are, {verdict.Missing:N0} "
            + $"missing and {verdict.UnknownEnds:N0} with an unknown end in {verdict.Gaps:N0} recorded gaps, "
            + $"of which {verdict.EmptyGaps:N0} have nothing missing; {watch.Elapsed.TotalSeconds:0} s");
        Assert.True(!logs.Errors.Any(), string.Join('\n', logs.Errors.Take(5)));
        Assert.True(verdict is { Missing: > 0, Gaps: > 0 } && _away > 10 && faults.Failed > 100, "Nothing happened.");
        Assert.True(verdict.EmptyGaps <= verdict.Gaps / 10, "Most gaps lack something.");
        Assert.True(verdict.Faults.Count == 0, $"{verdict.Faults.Count} faults:\n{string.Join('\n', verdict.Faults.GroupBy(fault => fault[..40]).Select(faults => $"{faults.Count()} times {faults.First()}").Take(20))}");
    }

    /// <summary>Nodes go away for one to fifteen hours. Towards the end none does, so that all come back.</summary>
    private void ComeAndGo(Fleet fleet, int step)
    {
        int hour = (int)(TimeSpan.FromHours(1) / Step);
        foreach ((string Remote, string Node) node in fleet.Remotes.SelectMany(remote => remote.Nodes.Select(node => (remote.Id, node))))
        {
            if (_backAt.TryGetValue(node, out int back) && back <= step && _backAt.Remove(node))
            {
                fleet.SetOnline(node.Remote, node.Node, online: true);
            }
            else if (step < Steps - (16 * hour) && !_backAt.ContainsKey(node) && _random.Next(50 * hour) == 0)
            {
                _backAt[node] = step + _random.Next(hour, 15 * hour);
                _away++;
                fleet.SetOnline(node.Remote, node.Node, online: false);
            }
        }
    }
}
