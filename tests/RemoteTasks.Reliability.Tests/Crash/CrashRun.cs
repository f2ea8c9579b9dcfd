using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>
/// One cache lives through random commands on a simulated disk. Before every change of the disk the power fails, several times in different
/// ways: each time a second cache is opened on what is left, and must keep the promise. Some are also used on, some of them until the
/// power fails again while they recover. One seed, one run.
/// </summary>
internal sealed class CrashRun
{
    private const string Directory = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const int Steps = 10;
    private const int DeepEach = 4;

    private readonly int _seed;
    private readonly int _failuresPerCall;
    private readonly Random _random;
    private readonly TaskGenerator _generator;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly TaskCacheOptions _options;
    private readonly Action<SimDisk> _plant;
    private readonly HashSet<(UInt128 Disk, int Step)> _seen = [];
    private readonly CrashFigures _figures = new();
    private int _step;
    private bool _isTorn;
    private World _world = World.Empty;

    private CrashRun(int seed, int failuresPerCall, Action<SimDisk> plant)
    {
        _seed = seed;
        _failuresPerCall = failuresPerCall;
        _plant = plant;
        _random = new Random(seed);
        _generator = new TaskGenerator(_random, Now);
        _options = new TaskCacheOptions
        {
            JournalBytesMax = _generator.Pick<long>([600, 1 << 20]),
            PlainFiles = _generator.Pick<int>([0, 0, 1, 2]),
            InitialFiles = _generator.Pick<int>([1, 3]),
            RotateAfter = TimeSpan.FromDays(1),
            RetainBytesMax = null,
            MergesAtOnce = 1,
            Clock = _clock,
        };
    }

    /// <summary>Lives through it; the first broken promise throws, with what is needed to see it again.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="failuresPerCall">How many ways of failing are tried before each change of the disk.</param>
    /// <param name="plant">Puts a fault into each disk; nothing for the real product.</param>
    internal static CrashFigures Live(int seed, int failuresPerCall, Action<SimDisk>? plant = null)
    {
        var run = new CrashRun(seed, failuresPerCall, plant ?? (static _ => { }));
        run.Live();
        return run._figures;
    }

    private void Live()
    {
        var disk = new SimDisk();
        _plant(disk);
        TaskCache cache = Open(disk);
        for (_step = 0; _step < Steps; _step++)
        {
            Command command = Command.Random(_random, _generator, _clock, _world);
            Promise promise = command.Promise ?? Promise.Of(_world, command.After);
            disk.Before = call => Fail(disk, promise, command, call);
            using (CacheWriter writer = cache.Write())
                command.Do(writer);
            disk.Before = static _ => { };
            _world = command.After;
            if (_random.Next(5) == 0)
                cache = Open(disk);
            Fail(disk, Promise.Of(_world, _world), command, default);
        }
    }

    private TaskCache Open(SimDisk disk) => TaskCache.Open(Directory, _options with { Disk = disk });

    private void Fail(SimDisk disk, Promise promise, Command command, SimCall call)
    {
        for (int way = 0; way < _failuresPerCall; way++)
        {
            SimDisk left = new PowerFailure(_random).Strike(disk);
            _plant(left);
            _isTorn = IsTorn(disk);
            _figures.Failures++;
            if (!_seen.Add((Hash(left), _step)))
                continue;
            _figures.States++;
            string? broken = Guarded(() => Check(left, promise, command.IsWhole));
            if (broken is not null)
                throw new BrokenPromise($"seed {_seed}, step {_step} ({command.Name}), before '{call}', way {way}: {broken}");
        }
    }

    /// <summary>Bytes lost from the midst of an append cannot be told from bytes that went bad: both are reported, and fetched again.</summary>
    private static bool IsTorn(SimDisk disk) => disk.DurableNames.TryGetValue($"{Directory}/journal", out SimFile? journal) && journal.Pending.Count > 0;

    private string? Check(SimDisk disk, Promise promise, bool isWhole)
    {
        string? broken = Look(disk, promise, isWhole: false);
        if (broken is not null || _random.Next(DeepEach) > 0)
            return broken;
        return _random.Next(2) == 0 ? FailAgain(disk, promise, isWhole) : UseOn(disk, promise, isWhole);
    }

    private string? Look(SimDisk disk, Promise promise, bool isWhole)
    {
        try
        {
            using CacheReader reader = Open(disk).Read();
            return promise.Broken(reader, isWhole, _isTorn);
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return promise.Broken(null, isWhole, _isTorn);
        }
    }

    /// <summary>The power fails again while the next writer puts things right.</summary>
    private string? FailAgain(SimDisk disk, Promise promise, bool isWhole)
    {
        int calls = _random.Next(12);
        disk.Before = _ =>
        {
            // Nothing is done any more, whatever is tried.
            if (calls-- <= 0)
                throw new PowerIsGone();
        };
        try
        {
            using CacheWriter writer = Open(disk).Write();
            writer.ApplyJournal();
        }
        catch (PowerIsGone)
        {
            _figures.SecondFailures++;
        }

        SimDisk left = new PowerFailure(_random).Strike(disk);
        _plant(left);
        _isTorn |= IsTorn(disk);
        return Look(left, promise, isWhole: false) is { } broken ? $"after a second failure: {broken}" : UseOn(left, promise, isWhole);
    }

    /// <summary>What was shown stays, new tasks come to it, everything is merged, nothing is damaged.</summary>
    private string? UseOn(SimDisk disk, Promise promise, bool isWhole)
    {
        _figures.UsedOn++;
        TaskCache cache = Open(disk);
        ModelTask more = _generator.Task(isRunning: false) with { Remote = "later" };
        string[] before;
        using (CacheWriter writer = cache.Write())
        {
            using (CacheReader reader = writer.Read())
            {
                if (promise.Broken(reader, isWhole, _isTorn) is { } broken)
                    return $"after recovery: {broken}";
                before = [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
            }

            writer.Update(new TaskBatch { Tasks = [_generator.Record(more)] });
            writer.ApplyJournal();
        }

        using CacheReader after = cache.Read();
        string[] rows = [.. after.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
        if (!rows.Order(StringComparer.Ordinal).SequenceEqual(before.Append(more.Show()).Distinct().Order(StringComparer.Ordinal)))
            return $"used on: {before.Length} tasks and a new one became {rows.Length}: {string.Join(" / ", before.Except(rows).Concat(rows.Except(before)))}";
        CheckReport report = cache.Check();
        return report.IsDamaged ? $"used on, the check finds: {string.Join(" / ", report.Findings)}" : null;
    }

    private static string? Guarded(Func<string?> check)
    {
        try
        {
            return check();
        }
        catch (Exception error) when (error is IOException or CacheException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            return $"cannot open: {error}";
        }
    }

    private static UInt128 Hash(SimDisk disk)
    {
        var hash = new XxHash128();
        foreach ((string name, byte[] bytes) in disk.Content().OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            // Temporary names are made by chance and mean nothing.
            hash.Append(name.EndsWith(".tmp", StringComparison.Ordinal) ? "tmp"u8 : Encoding.UTF8.GetBytes(name));
            hash.Append(MemoryMarshal.AsBytes([bytes.Length]));
            hash.Append(bytes);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private sealed class PowerIsGone : Exception;
}

/// <summary>Something that was promised did not hold.</summary>
internal sealed class BrokenPromise(string message) : Exception(message);

/// <summary>What was tried.</summary>
internal sealed class CrashFigures
{
    /// <summary>Pairs of a moment and a way of failing.</summary>
    internal long Failures { get; set; }

    /// <summary>Different disks that were left, each opened and read.</summary>
    internal long States { get; set; }

    /// <summary>Those on which the power failed again while they recovered.</summary>
    internal long SecondFailures { get; set; }

    /// <summary>Those that were written to afterwards.</summary>
    internal long UsedOn { get; set; }

    internal void Add(CrashFigures other)
    {
        Failures += other.Failures;
        States += other.States;
        SecondFailures += other.SecondFailures;
        UsedOn += other.UsedOn;
    }

    public override string ToString() =>
        $"{Failures:N0} power failures, {States:N0} different disks left, {SecondFailures:N0} with a second failure, {UsedOn:N0} used on";
}
