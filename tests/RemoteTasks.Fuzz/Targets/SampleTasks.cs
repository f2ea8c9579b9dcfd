using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>A few hundred good tasks of every kind, always the same.</summary>
internal static class SampleTasks
{
    private const long Start = 1_782_900_000;

    internal static IReadOnlyList<ModelTask> All { get; } = [.. Enumerable.Range(0, 300).Select(Task)];

    /// <summary>The files of a cache with one compressed archive of them, and its index, by path.</summary>
    internal static Dictionary<string, byte[]> CompressedCache()
    {
        var cache = new HostileCache();
        using (CacheWriter writer = cache.Cache.Write())
        {
            writer.Update(new TaskBatch { Tasks = [.. All.Where(task => task.End is not null).Select(Record)] });
            writer.ApplyJournal();
        }

        Dictionary<string, byte[]> files = cache.Disk.Content();

        // The newest file takes everything: under another name nothing depends on the day.
        string archive = files.Keys.Single(name => name.EndsWith(".zst", StringComparison.Ordinal));
        return new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["/hostile/archive.0.zst"] = files[archive],
            ["/hostile/archive.0.idx"] = files[archive.Replace(".zst", ".idx", StringComparison.Ordinal)],
        };
    }

    /// <summary>The tasks in a cache, some running, some in the journal.</summary>
    internal static TaskCache Cache(SimDisk disk)
    {
        TaskCache cache = TaskCache.Open("/sample", new TaskCacheOptions { Disk = disk, InitialFiles = 1 });
        using CacheWriter writer = cache.Write();
        writer.Update(new TaskBatch { Tasks = [.. All.Skip(20).Select(Record)] });
        writer.ApplyJournal();
        writer.Update(new TaskBatch { Tasks = [.. All.Take(20).Select(Record)], Nodes = [new NodeReport("pve-1", "n1", Start) { Reached = false, Gap = new HistoryGap(5, 9) }] });
        return cache;
    }

    internal static TaskRecord Record(ModelTask task) => new(task.Upid, task.Start, task.Status, task.End);

    private static ModelTask Task(int number)
    {
        bool isPbs = number % 3 == 0;
        (string raw, string? shown) = Of<(string, string?)>(number / 3, isPbs ? [("", null), ("store\\x3avm-100", "store:vm/100"), ("\\xff-x", "\\xff-x")] : [("", null), ("100", "100"), ("é@ß", "é@ß")]);
        bool runs = number % 17 == 0;
        long start = Start - (number / 4 * 977);
        return new ModelTask
        {
            IsPbs = isPbs,
            Remote = isPbs ? "pbs-1" : Of<string>(number / 2, ["pve-1", "a.b_c"]),
            Node = Of<string>(number / 5, ["n1", "node-2"]),
            Pid = (uint)number + 1,
            PStart = Of<long>(number / 7, [0x10, 0x1_2345_6789]),
            Start = start,
            Type = Of<string>(number / 11, ["vzdump", "qmstart", "backup"]),
            RawId = raw,
            ShownId = shown,
            User = Of<string>(number / 13, ["root@pam", "ops@pve!token"]),
            Status = runs ? null : Of<string?>(number, ["OK", "WARNINGS: 2", "unknown", null, "a \"quoted\" \\ error\n", "😀 Größe"]),
            End = runs ? null : start + number,
        };
    }

    private static T Of<T>(int number, T[] choices) => choices[number % choices.Length];
}
