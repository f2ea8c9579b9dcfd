using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Reliability.Tests;

/// <summary>The daemon lives for long, on a clock of its own, with a fleet of which always some nodes are away.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Seed = 15;
    private const int Remotes = 20;
    private const int NodesOfRemote = 2;
    private const double TasksPerNodePerHour = 12.5;
    private const int HoursBetweenChecks = 24;
    private const int HoursCompared = 36;
    private const int PercentAway = 5;
    private const double SlopeMax = 1.0;

    // Readers that were at work when an archive was replaced, and what is closed a second later.
    private const int DeletedFilesMax = 64;

    private static readonly int Days = Effort.Of(usual: 3, nightly: 90);

    // Memory settles while the first days come in: caches fill, code is compiled.
    private static readonly int DaysToSettle = Effort.Of(usual: 1, nightly: 20);

    // Invariants checked every simulated day, with all nodes there: every finished task of the last 36 hours that the fleet remembers is listed once, with its
    // end and its result, and nothing else is; no span is recorded as unknown, since no node was away for longer than it remembers. In the end: every
    // archive is sound and in order (the daemon's directory is checked when it goes), no file of the cache is open, memory does not grow with history.
    [Fact]
    public async Task Days_of_polling_lose_nothing_and_leak_nothing()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        var random = new Random(Seed);
        var points = new List<(double Tasks, double LiveMiB, double PrivateMiB)>();
        int away = 0;
        long compared = 0;
        long total;
        string directory;
        await using (Daemon daemon = await Daemon.StartAsync(Fleet(clock), Intervals, cache: SmallMemory))
        {
            directory = daemon.CacheDirectory;
            (string Remote, string Node)[] nodes = [.. daemon.Fleet.Remotes.SelectMany(remote => remote.Nodes.Select(node => (remote.Id, node)))];
            total = 0;
            for (int hour = 1; hour <= Days * 24; hour++)
            {
                bool isCheck = hour % HoursBetweenChecks == 0;
                foreach ((string remote, string node) in nodes)
                {
                    bool isAway = !isCheck && random.Next(100) < PercentAway;
                    away += isAway ? 1 : 0;
                    daemon.Fleet.SetOnline(remote, node, !isAway);
                }

                clock.Advance(TimeSpan.FromHours(1));
                await daemon.RefreshAsync();
                if (!isCheck)
                    continue;
                compared += Compare(daemon, clock.GetUtcNow().ToUnixTimeSeconds());
                total = Total(daemon);
                if (hour >= DaysToSettle * 24)
                    points.Add((total, LiveMiB(), PrivateMiB()));
                Assert.True(DeletedFiles(directory) <= DeletedFilesMax, $"{DeletedFiles(directory)} files are open that were replaced.");
            }
        }

        // The files that a cache keeps open are closed with the object that had them.
        for (int tries = 0; tries < 20 && OpenFiles(directory) > 0; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        double slope = points.Count > 1 ? Slope([.. points.Select(point => (point.Tasks, point.LiveMiB))]) * 100_000 : 0;
        output.WriteLine(
            $"{Days} days, {Remotes} remotes, {total:N0} tasks; a node was away {away:N0} times; {compared:N0} comparisons, 0 lost, 0 doubled, 0 wrong; "
            + $"live memory {points[0].LiveMiB:0} to {points[^1].LiveMiB:0} MiB, {slope:0.00} MiB per 100,000 tasks; open files of the cache in the end: {OpenFiles(directory)}");
        output.WriteLine(string.Join('\n', points.Where((_, i) => i % 5 == 0).Select(
            point => $"{point.Tasks,9:N0} tasks: {point.LiveMiB:0.0} MiB live, {point.PrivateMiB:0} MiB private")));
        Assert.Equal(0, OpenFiles(directory));
        Assert.True(total > Days * 8_000L && compared >= total && away > Days, "The fleet did not live.");
        if (Effort.IsNightly)
            Assert.True(slope < SlopeMax, $"Memory grows by {slope:0.00} MiB per 100,000 tasks.");
    }

    /// <summary>What may be remembered is soon full: what grows after that is a leak.</summary>
    private static TaskCacheOptions SmallMemory => new() { IndexMemoryMax = 4L << 20, BlockMemoryMax = 4L << 20 };

    private static PollIntervals Intervals => new()
    {
        // Polled by hand, so that a poll has ended before the clock goes on.
        Fetch = TimeSpan.FromDays(1000),
        Running = TimeSpan.FromDays(1000),
        Apply = TimeSpan.FromHours(6),
        Rotate = TimeSpan.FromHours(1),
        Repair = TimeSpan.FromHours(1),
    };

    private static FleetOptions Fleet(TimeProvider clock) => new()
    {
        PveRemotes = Remotes - 1, NodesPerPve = NodesOfRemote, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = TasksPerNodePerHour, Clock = clock, Seed = Seed,
    };

    /// <summary>Compares what is listed with what the fleet remembers; how many tasks that were.</summary>
    private static int Compare(Daemon daemon, long now)
    {
        long since = now - (HoursCompared * 3600);
        using CacheReader reader = daemon.Server.Cache.Read();
        Assert.DoesNotContain(reader.State.Nodes, node => node.Gaps.Count > 0);
        TaskPage page = reader.List(new TaskQuery { Since = since, Limit = 0 });
        var listed = new Dictionary<string, (long? End, string? Status)>(StringComparer.Ordinal);
        foreach (TaskRow row in page.Rows)
            Assert.True(listed.TryAdd(row.Upid, (row.EndTime, row.Status)), $"Twice: {row.Upid}");

        int compared = 0;
        foreach (FakeTask task in daemon.Fleet.Remembered().Where(task => task.StartTime >= since))
        {
            string upid = $"{task.RemoteType}:{task.Remote}!{task.Upid}";
            Assert.True(listed.Remove(upid, out (long? End, string? Status) row), $"Not listed: {upid}");
            if (task.EndTime is not null)
                Assert.Equal((task.EndTime, task.Status), row);
            compared++;
        }

        Assert.True(listed.Count == 0, $"Nobody remembers {listed.Count} tasks, such as {listed.Keys.FirstOrDefault()}");
        return compared;
    }

    private static long Total(Daemon daemon)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.List(new TaskQuery { Limit = 1 }).Total;
    }

    /// <summary>What is reachable: of the daemon, and of the fleet, whose Backup Server forgets nothing.</summary>
    private static double LiveMiB()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true) / 1048576.0;
    }

    private static double PrivateMiB()
    {
        const string Name = "RssAnon:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line[Name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024.0;
    }

    private static int OpenFiles(string directory) => OpenPaths().Count(path => path.StartsWith(directory, StringComparison.Ordinal));

    private static int DeletedFiles(string directory) =>
        OpenPaths().Count(path => path.StartsWith(directory, StringComparison.Ordinal) && path.EndsWith("(deleted)", StringComparison.Ordinal));

    private static IEnumerable<string> OpenPaths() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>();

    /// <summary>Of the line that lies nearest to some points.</summary>
    private static double Slope(List<(double X, double Y)> points)
    {
        double x = points.Average(point => point.X);
        double y = points.Average(point => point.Y);
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }
}
