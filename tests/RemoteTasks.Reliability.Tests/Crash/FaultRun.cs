using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>
/// One cache lives through random commands on a disk of which the n-th call fails, once or for ever. What was acknowledged before stays; what
/// failed may be done or not; nothing is acknowledged after a sync that failed, nor shown that a power failure then takes back; and the next process goes
/// on from there.
/// </summary>
internal sealed class FaultRun
{
    private const string Directory = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const int Steps = 8;

    // EIO, ENOSPC, EDQUOT, EROFS, EMFILE.
    private static readonly int[] Errors = [5, 28, 122, 30, 24];

    private readonly Random _random;
    private readonly TaskGenerator _generator;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly TaskCacheOptions _options;
    private readonly SimDisk _disk = new();
    private readonly int _failing;
    private readonly bool _isForEver;
    private bool _isQuiet;
    private int _calls;
    private SimCall? _failed;
    private World _world = World.Empty;

    private FaultRun(int seed, int failing, bool isForEver)
    {
        _random = new Random(seed);
        _generator = new TaskGenerator(_random, Now);
        _failing = failing;
        _isForEver = isForEver;
        _options = new TaskCacheOptions
        {
            JournalBytesMax = _generator.Pick<long>([600, 1 << 20]),
            PlainFiles = _generator.Pick<int>([0, 1]),
            InitialFiles = 2,
            RotateAfter = TimeSpan.FromDays(1),
            RetainBytesMax = null,
            MergesAtOnce = 1,
            Clock = _clock,
        };
    }

    /// <summary>Lives through it. False when there were not so many calls; the first broken promise throws.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="failing">Which call to the disk fails, from 0.</param>
    /// <param name="isForEver">Whether all later ones fail too, until the process ends.</param>
    internal static bool Live(int seed, int failing, bool isForEver)
    {
        var run = new FaultRun(seed, failing, isForEver);
        try
        {
            run.Live();
        }
        catch (BrokenPromise error)
        {
            throw new BrokenPromise($"seed {seed}, call {failing} ({run._failed}) {(isForEver ? "and all later ones" : "alone")}: {error.Message}");
        }

        return run._failed is not null;
    }

    private void Live()
    {
        _disk.Before = FailIfDue;
        _disk.BeforeReading = FailIfDue;
        TaskCache cache = Open();
        for (int step = 0; step < Steps; step++)
        {
            Command command = Command.Random(_random, _generator, _clock, _world);
            Promise promise = command.Promise ?? Promise.Of(_world, command.After);
            try
            {
                using CacheWriter writer = cache.Write();
                command.Do(writer);
                _world = command.After;
            }
            catch (Exception error) when (error is IOException or CacheException && _failed is not null && !_isQuiet)
            {
                cache = AfterFailure(cache, promise, command, error);
            }
        }

        Quiet();
        Require(Broken(Open(), Promise.Of(_world, _world), isWhole: false), "at the end");
    }

    /// <summary>The process that saw the failure, a power failure in that moment, and the process after it.</summary>
    private TaskCache AfterFailure(TaskCache cache, Promise promise, Command command, Exception error)
    {
        // Where the first failure did no harm, a later one was told.
        bool isSync = error is CacheException { Error: CacheError.SyncFailed };
        bool wasSync = _failed!.Value.Kind is SimCallKind.Sync or SimCallKind.SyncDirectory;
        if (isSync != wasSync && (wasSync || !_isForEver))
            throw new BrokenPromise($"{command.Name}: a failed {_failed} was told as {error.GetType().Name}: {error.Message}");
        Quiet();
        if (isSync)
        {
            Exception? second = Record.Exception(() => cache.Write().Dispose());
            if (second is not CacheException { Error: CacheError.SyncFailed })
                throw new BrokenPromise($"{command.Name}: after a failed sync the same process may write again: {second}");
        }

        // A file that could not be read is called damaged until it is opened again.
        if (_failed.Value.Kind is not (SimCallKind.Open or SimCallKind.Read) && !_isForEver)
            Require(Broken(cache, promise, isWhole: false), $"{command.Name}, in the process that saw it");
        string[] shown = isSync && !command.IsWhole ? [.. Rows(cache).Except(_world.Tasks.Select(task => task.Show()))] : [];
        SimDisk left = new PowerFailure(_random).Strike(_disk);
        Require(Broken(Open(left), promise, isWhole: false), $"{command.Name}, after a power failure");
        if (shown.Except(Rows(Open(left))).FirstOrDefault() is { } taken)
            throw new BrokenPromise($"{command.Name}: shown after the failed sync, and not there after a power failure: {taken}");
        cache = Open();
        using CacheWriter writer = cache.Write();
        Require(Broken(cache, promise, command.IsWhole), $"{command.Name}, after a new start");
        _world = promise.Shown(writer);

        // What the new process shows it has made sure of.
        writer.Update(new TaskBatch());
        left = new PowerFailure(_random).Strike(_disk);
        Require(Broken(Open(left), Promise.Of(_world, _world), isWhole: false), $"{command.Name}, after a new start and a power failure");
        return cache;
    }

    private void Quiet()
    {
        _isQuiet = true;
        _disk.Before = static _ => { };
        _disk.BeforeReading = static _ => { };
    }

    private TaskCache Open() => Open(_disk);

    private TaskCache Open(SimDisk disk) => TaskCache.Open(Directory, _options with { Disk = disk });

    private static string? Broken(TaskCache cache, Promise promise, bool isWhole)
    {
        try
        {
            using CacheReader reader = cache.Read();
            return promise.Broken(reader, isWhole, isTorn: true);
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return promise.Broken(null, isWhole, isTorn: true);
        }
    }

    private static string[] Rows(TaskCache cache)
    {
        try
        {
            using CacheReader reader = cache.Read();
            return [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
        }
        catch (CacheException none) when (none.Error == CacheError.NotFound)
        {
            return [];
        }
    }

    private static void Require(string? broken, string when)
    {
        if (broken is not null)
            throw new BrokenPromise($"{when}: {broken}");
    }

    private void FailIfDue(SimCall call)
    {
        int number = _calls++;
        if (number != _failing && !(_isForEver && number > _failing))
            return;
        _failed ??= call;
        int errno = Errors[_failing % Errors.Length];
        if (call.Kind is SimCallKind.Sync or SimCallKind.SyncDirectory)
        {
            call.File?.LoseUnsynced();
            throw new SyncException($"'{call}' fails.", errno);
        }

        throw new IOException($"'{call}' fails.", errno);
    }
}
