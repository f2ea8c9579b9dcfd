using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>Days of a large fleet of which always something fails, by the daemon's own schedule.</summary>
public sealed class FleetSimulationTests(ITestOutputHelper output)
{
    private const int Seed = 5;
    private const int Clusters = 10;
    private const int NodesPerCluster = 10;
    private const int BackupServers = 2;
    private const int PercentFailing = 5;
    private const int Days = 3;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

    // Nodes remember some 50 to 100 tasks, 4 to 8 hours: who is away for longer forgets.
    private const int IndexBytes = 4_000;

    /// <summary>
    /// Invariants: every task that ever began is listed once, with its end and its result, and nothing else is; what is missing, or whose end is unknown, lies
    /// in a span that is recorded for its node; in every span that is recorded something is missing.
    /// </summary>
    [Fact]
    public async Task Three_days_of_a_failing_fleet_are_listed_task_for_task_but_for_the_gaps_that_are_recorded()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        var watch = Stopwatch.StartNew();
        var intervals = new PollIntervals
        {
            Fetch = Step * 0.85,
            Running = Step,
            Quiet = TimeSpan.FromHours(2),
            RetryMax = TimeSpan.FromMinutes(25),
            Apply = TimeSpan.FromHours(6),
            Rotate = TimeSpan.FromHours(1),
        };
        using var logs = new Logs();
        await using Daemon daemon = await Daemon.StartAsync(
            new FleetOptions
            {
                PveRemotes = Clusters, NodesPerPve = NodesPerCluster, PbsRemotes = BackupServers, HistoryTasks = 0, TasksPerNodePerHour = 12,
                IndexBytesMax = IndexBytes, Delay = TimeSpan.FromMilliseconds(50), Seed = Seed, Clock = clock, KeepsEverything = true,
            },
            intervals,
            logs,
            adjust: options => options with { ConnectionsMax = 200, ConnectionsPerRemote = 10 });
        var random = new Random(Seed);
        long calls = 0;
        long failed = 0;
        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            remote.Fault = _ => Interlocked.Increment(ref calls) > 0 && Random.Shared.Next(100) < PercentFailing ? Fault(ref failed) : null;

        (string Remote, string Node)[] nodes = [.. daemon.Fleet.Remotes.SelectMany(remote => remote.Nodes.Select(node => (remote.Id, node)))];
        var backAt = new Dictionary<(string Remote, string Node), int>();
        int steps = (int)(TimeSpan.FromDays(Days) / Step);
        int away = 0;
        await daemon.WaitUntilIdleAsync();
        for (int step = 1; step <= steps; step++)
        {
            foreach ((string Remote, string Node) node in nodes)
            {
                if (backAt.TryGetValue(node, out int back) && back <= step && backAt.Remove(node))
                    daemon.Fleet.SetOnline(node.Remote, node.Node, online: true);
                else if (step < steps - 100 && !backAt.ContainsKey(node) && random.Next(300) == 0)
                {
                    backAt[node] = step + random.Next(6, 90);
                    away++;
                    daemon.Fleet.SetOnline(node.Remote, node.Node, online: false);
                }
            }

            clock.Advance(Step);
            await daemon.WaitUntilIdleAsync();
        }

        foreach (FakeRemote remote in daemon.Fleet.Remotes)
            remote.Fault = null;
        daemon.Fleet.Quiet = true;
        for (int i = 0; i < 6; i++)
        {
            clock.Advance(Step);
            await daemon.WaitUntilIdleAsync();
        }

        Verdict verdict = Compare(daemon);
        output.WriteLine(
            $"{Days} days, {nodes.Length} nodes of {daemon.Fleet.Remotes.Count} remotes, {daemon.Fleet.RequestCount:N0} requests, {failed:N0} of {calls:N0} failed, "
            + $"nodes went away {away:N0} times; {verdict.Tasks:N0} tasks: {verdict.Equal:N0} listed as they are, {verdict.Missing:N0} missing and "
            + $"{verdict.UnknownEnds:N0} with an unknown end in {verdict.Gaps:N0} recorded gaps; {watch.Elapsed.TotalSeconds:0} s");
        Assert.True(!logs.Errors.Any(), string.Join('\n', logs.Errors.Take(5)));
        Assert.True(verdict.Missing > 0 && verdict.Gaps > 0 && away > 10 && failed > 1000, "Nothing happened.");
        Assert.True(verdict.Faults.Count == 0, $"{verdict.Faults.Count} faults:\n{string.Join('\n', verdict.Faults.GroupBy(fault => fault[..50]).Select(faults => $"{faults.Count()} times {faults.First()}").Take(20))}");
    }

    private static FakeFault Fault(ref long failed)
    {
        Interlocked.Increment(ref failed);
        return Random.Shared.Next(6) switch
        {
            0 => FakeFault.Status(500),
            1 => FakeFault.Status(595),
            2 => FakeFault.Status(596),
            3 => FakeFault.CutBody,
            4 => FakeFault.WrongTypes,
            _ => FakeFault.Drop,
        };
    }

    private static Verdict Compare(Daemon daemon)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        var gaps = reader.State.Nodes.ToDictionary(node => (node.Remote, node.Node), node => node.Gaps);
        var listed = new Dictionary<string, (long? End, string? Status)>(StringComparer.Ordinal);
        var verdict = new Verdict();
        foreach (TaskRow row in reader.List(new TaskQuery { Limit = 0 }).Rows)
        {
            if (!listed.TryAdd(row.Upid, (row.EndTime, row.Status)))
                verdict.Faults.Add($"twice: {row.Upid}");
        }

        var real = new HashSet<(string, string, HistoryGap)>();
        foreach (FakeTask task in daemon.Fleet.Everything())
        {
            verdict.Tasks++;
            string upid = $"{task.RemoteType}:{task.Remote}!{task.Upid}";
            bool isListed = listed.Remove(upid, out (long? End, string? Status) row);
            if (isListed && (task.EndTime is null ? row.End is null : row == (task.EndTime, task.Status)))
            {
                verdict.Equal++;
                continue;
            }

            // Of what began before the span, the end may have been forgotten in it.
            HistoryGap? gap = gaps.GetValueOrDefault((task.Remote, task.Node))?.FirstOrDefault(
                gap => task.StartTime <= gap.To && (isListed ? task.EndTime <= gap.To : task.StartTime >= gap.From));
            if (gap is null)
                verdict.Faults.Add($"{(isListed ? $"listed as {row}" : "missing")}: {upid} {task.EndTime} {task.Status}");
            else if (!isListed)
                verdict.Missing++;
            else if (row.Status != "unknown")
                verdict.Faults.Add($"wrong: {row} for {upid} {task.EndTime} {task.Status}");
            else
                verdict.UnknownEnds++;
            if (gap is not null)
                real.Add((task.Remote, task.Node, gap));
        }

        verdict.Faults.AddRange(listed.Keys.Select(upid => $"never was: {upid}"));
        foreach (((string remote, string node), IReadOnlyList<HistoryGap> spans) in gaps)
        {
            verdict.Gaps += spans.Count;
            verdict.Faults.AddRange(spans.Where(span => !real.Contains((remote, node, span))).Select(span => $"no gap: {remote} {node} {span}"));
        }

        return verdict;
    }

    private sealed record Verdict
    {
        internal int Tasks { get; set; }

        internal int Equal { get; set; }

        internal int Missing { get; set; }

        internal int UnknownEnds { get; set; }

        internal int Gaps { get; set; }

        internal List<string> Faults { get; } = [];
    }
}
