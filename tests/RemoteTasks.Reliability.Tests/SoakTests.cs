using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.FakeFleet;
using RemoteTasks.Reliability.Tests.Soak;
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
        DateTimeOffset start = DateTimeOffset.FromUnixTimeSeconds(1_795_478_400);
        var clock = new FakeTimeProvider(start);
        var random = new Random(Seed);
        var points = new List<Point>();
        int away = 0;
        long compared = 0;
        long total;
        string directory;
        Dictionary<int, double> fleetAlone = await FleetAloneAsync(start);
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
                    points.Add(new Point(total, LiveMiB(), PooledMiB(), CommittedMiB(), PrivateMiB(), fleetAlone[hour]));
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

        double slope = Slope(points, static point => point.ProductMiB);
        output.WriteLine(
            $"{Days} days, {Remotes} remotes, {total:N0} tasks; a node was away {away:N0} times; {compared:N0} comparisons, 0 lost, 0 doubled, 0 wrong; "
            + $"open files of the cache in the end: {OpenFiles(directory)}; MiB per 100,000 tasks: {Slope(points, static point => point.LiveMiB):0.00} live, of which "
            + $"{Slope(points, static point => point.FleetMiB):0.00} the simulated fleet's, {Slope(points, static point => point.PooledMiB):0.00} of the runtime's pools and {slope:0.00} the product's; "
            + $"{Slope(points, static point => point.PrivateMiB):0.00} private, {Slope(points, static point => point.PrivateMiB - point.CommittedMiB):0.00} of it outside of the collected heap");
        output.WriteLine(string.Join('\n', points.Where((_, i) => i % 5 == 0 || i == points.Count - 1).Select(point =>
            $"{point.Tasks,9:N0} tasks: {point.LiveMiB:0.0} MiB live, {point.FleetMiB:0.0} of the fleet, {point.PooledMiB:0.0} in pools, {point.ProductMiB:0.0} of the product; {point.CommittedMiB:0} committed, {point.PrivateMiB:0} private")));
        Assert.Equal(0, OpenFiles(directory));
        Assert.True(total > Days * 8_000L && compared >= total && away > Days, "The fleet did not live.");
        if (Effort.IsNightly)
            Assert.True(slope < SlopeMax, $"Memory grows by {slope:0.00} MiB per 100,000 tasks.");
    }

    // What is not counted must be what nobody uses.
    [Fact]
    public void Arrays_in_the_pools_are_counted_and_those_in_use_are_not()
    {
        const int Length = 5000;
        long rented = 0;
        long inUse = -1;
        long unused = -1;
        var thread = new Thread(() =>
        {
            Counted[] one = ArrayPool<Counted>.Shared.Rent(Length);
            Counted[] other = ArrayPool<Counted>.Shared.Rent(Length);
            rented = 8L * (one.Length + other.Length);
            inUse = PooledArrays.Bytes<Counted>();
            ArrayPool<Counted>.Shared.Return(one);
            ArrayPool<Counted>.Shared.Return(other);
            unused = PooledArrays.Bytes<Counted>();
        });
        thread.Start();
        thread.Join();
        Assert.Equal((0, rented), (inUse, unused));
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

    /// <summary>
    /// What a fleet takes that lives through the same hours alone, by the hour. What a fleet remembers follows from its clock, and a Backup Server
    /// remembers a hundred thousand tasks: that is no growth of the daemon.
    /// </summary>
    private static async Task<Dictionary<int, double>> FleetAloneAsync(DateTimeOffset start)
    {
        var clock = new FakeTimeProvider(start);
        double before = LiveMiB() - PooledMiB();
        await using Fleet fleet = await RemoteTasks.FakeFleet.Fleet.StartAsync(Fleet(clock));
        var alone = new Dictionary<int, double>();
        for (int hour = 1; hour <= Days * 24; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            fleet.Remembered();
            if (hour % HoursBetweenChecks == 0)
                alone.Add(hour, LiveMiB() - PooledMiB() - before);
        }

        return alone;
    }

    /// <summary>What is reachable, of the daemon and of the fleet.</summary>
    private static double LiveMiB()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true) / 1048576.0;
    }

    /// <summary>What lies unused in the runtime's pools of what the engine and its libraries lend: it is reachable, and follows the number of threads.</summary>
    private static double PooledMiB() => (PooledArrays.Bytes<byte>() + PooledArrays.Bytes<TaskLine>()) / 1048576.0;

    /// <summary>What the collector holds for objects, used or not.</summary>
    private static double CommittedMiB() => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes / 1048576.0;

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

    /// <summary>MiB per 100,000 tasks, of the line that lies nearest to all points; 0 for a single one.</summary>
    private static double Slope(List<Point> points, Func<Point, double> memory)
    {
        double x = points.Average(point => point.Tasks);
        double y = points.Average(memory);
        double spread = points.Sum(point => (point.Tasks - x) * (point.Tasks - x));
        return spread == 0 ? 0 : points.Sum(point => (point.Tasks - x) * (memory(point) - y)) / spread * 100_000;
    }

    /// <summary>Memory at a time: what is reachable, of it unused in pools, held by the collector, taken from the kernel, and what the fleet alone has of the first.</summary>
    private sealed record Point(double Tasks, double LiveMiB, double PooledMiB, double CommittedMiB, double PrivateMiB, double FleetMiB)
    {
        internal double ProductMiB => LiveMiB - PooledMiB - FleetMiB;
    }

    /// <summary>Of eight bytes, and in no other pool.</summary>
    private readonly record struct Counted(long Bytes);
}
