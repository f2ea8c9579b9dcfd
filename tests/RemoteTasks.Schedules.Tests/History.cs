using System.Globalization;
using Microsoft.Coyote.Random;
using RemoteTasks.Cache;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Schedules.Tests;

/// <summary>
/// Threads that store, read, apply and rotate in one directory at a time, by one cache object or by two, as two processes would; and whether there is, for each cache
/// object, an order of all that was done, one after the other, in which every reader would have seen what it saw. Not one for both: what is just being stored the other
/// process sees a moment earlier, when the kernel has it; who stores it shows it when the disk has it.
/// </summary>
internal sealed class History
{
    private const int Threads = 3;
    private const int ActsOfEach = 2;
    private const int KeysMax = 4;
    private const string Directory = "/cache";

    private readonly Generator _random = Generator.Create();
    private readonly TaskCache[] _caches;
    private readonly Mistake _mistake;
    private readonly ScheduledDisk _disk;
    private readonly Lock _gate = new();
    private readonly List<Act> _acts = [];
    private int _clock;

    internal History(int caches, Mistake mistake)
    {
        _mistake = mistake;
        _disk = new ScheduledDisk(new SimDisk()) { LocksNobodyOut = mistake == Mistake.LocksNobodyOut };
        var options = new TaskCacheOptions { Disk = _disk, InitialFiles = 1, RotateAfter = TimeSpan.Zero, RetainBytesMax = null, LockTimeout = TimeSpan.FromHours(1) };
        _caches = [.. Enumerable.Range(0, caches).Select(_ => TaskCache.Open(Directory, options))];
        _caches[0].Write().Dispose();
    }

    /// <summary>Calls of the disk.</summary>
    internal long Calls => _disk.Calls;

    /// <summary>Does it all, and checks it.</summary>
    /// <exception cref="InvalidOperationException">No order explains what was seen.</exception>
    internal void Run()
    {
        Act[] first = [.. Enumerable.Range(0, 1 + _random.NextInteger(3)).Select(_ => Draw(thread: 0))];
        Act[][] rest = [.. Enumerable.Range(1, Threads).Select(thread => Enumerable.Range(0, ActsOfEach).Select(_ => Draw(thread)).ToArray())];
        Do(first);
        Task[] threads = [.. rest.Select(acts => Task.Run(() => Do(acts)))];
        Task.WaitAll(threads);
        for (int cache = 0; cache < _caches.Length; cache++)
            Do([new Act(ActKind.Read, Thread: 0, cache, Key: 0, Value: 0)]);
        for (int cache = 0; cache < _caches.Length; cache++)
            Check([.. _acts.Where(act => act.Kind != ActKind.Read || act.Cache == cache)]);
    }

    private static void Check(Act[] acts)
    {
        if (!Orders.Explain(acts))
            throw new InvalidOperationException($"No order of these explains what was seen: {string.Join("; ", acts.AsEnumerable())}");
    }

    private Act Draw(int thread)
    {
        // One in four is an apply or a rotation.
        ActKind kind = _random.NextInteger(8) switch { < 3 => ActKind.Store, < 6 => ActKind.Read, 6 => ActKind.Apply, _ => ActKind.Rotate };
        return new Act(kind, thread, _random.NextInteger(_caches.Length), Key: 1 + _random.NextInteger(KeysMax), Value: 1 + _random.NextInteger(1_000_000_000));
    }

    private void Do(Act[] acts)
    {
        foreach (Act act in acts)
        {
            act.Began = Tick();
            Do(act);
            act.Ended = Tick();
            lock (_gate)
                _acts.Add(act);
        }
    }

    private int Tick()
    {
        lock (_gate)
            return ++_clock;
    }

    private void Do(Act act)
    {
        if (act.Kind == ActKind.Store && _mistake == Mistake.AcknowledgesTooEarly)
            _ = Task.Run(() => Write(act));
        else if (act.Kind != ActKind.Read)
            Write(act);
        else
            act.Seen = _mistake == Mistake.ReadsTaskByTask ? ReadTaskByTask(act.Cache) : Read(act.Cache);
    }

    private void Write(Act act)
    {
        using CacheWriter writer = _caches[act.Cache].Write();
        if (act.Kind == ActKind.Store)
            writer.Update(new TaskBatch { Tasks = [new TaskRecord($"pve:r!UPID:n:00000001:00000002:0000000{act.Key}:t::u:", act.Key, "OK", act.Value)] });
        else if (act.Kind == ActKind.Apply)
            writer.ApplyJournal();
        else
            writer.Rotate(force: true);
    }

    private string Read(int cache)
    {
        using CacheReader reader = _caches[cache].Read();
        return Orders.Text(reader.List(new TaskQuery { Limit = 0 }).Rows.Select(row => ((int)row.StartTime, (int)row.EndTime!)));
    }

    /// <summary>A mistake.</summary>
    private string ReadTaskByTask(int cache) =>
        string.Join(' ', Enumerable.Range(1, KeysMax).Reverse().SelectMany(key => Read(cache).Split(' ').Where(task => task.StartsWith($"{key}=", StringComparison.Ordinal))));
}

/// <summary>What a harness must see to be believed.</summary>
internal enum Mistake
{
    None,

    /// <summary>Somebody else stores what was acknowledged, some time.</summary>
    AcknowledgesTooEarly,

    /// <summary>A reader looks anew for each task.</summary>
    ReadsTaskByTask,

    /// <summary>The locks of the directory are given to all who ask.</summary>
    LocksNobodyOut,
}

internal enum ActKind
{
    Store,
    Read,
    Apply,
    Rotate,
}

/// <summary>Something that a thread does.</summary>
/// <param name="Kind">What.</param>
/// <param name="Thread">Who; 0 before and after all others.</param>
/// <param name="Cache">By which cache object.</param>
/// <param name="Key">A task's start time, where one is stored.</param>
/// <param name="Value">Its end time, of no other one.</param>
internal sealed record Act(ActKind Kind, int Thread, int Cache, int Key, int Value)
{
    internal int Began { get; set; }

    internal int Ended { get; set; }

    /// <summary>By a reader.</summary>
    internal string? Seen { get; set; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Began}-{Ended} thread {Thread} cache {Cache} {Kind} {(Kind == ActKind.Store ? $"{Key}={Value}" : Seen)}");
}
