using System.Globalization;
using RemoteTasks.Cache;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>A journal that has grown long, because history is being filled in, and what it costs the next process.</summary>
internal static class LongJournal
{
    internal const int Begin = 1_700_000_000;

    private const int BatchTasks = 20_000;

    private static readonly string[] Types = ["vzdump", "qmstart", "qmshutdown", "vzmigrate", "aptupdate"];

    /// <summary>Stores batch after batch until it is killed: the journal is never merged.</summary>
    internal static int Fill(string directory, string acks, int bytes)
    {
        using var log = new FileStream(acks, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        TaskCache cache = TaskCache.Open(directory, new TaskCacheOptions { JournalBytesMax = int.MaxValue, JournalBytesMaxWhileFilling = int.MaxValue });
        var journal = new FileInfo(Path.Combine(directory, "journal"));
        for (int from = 0; !journal.Exists || journal.Length < bytes; from += BatchTasks)
        {
            using CacheWriter writer = cache.Write();
            writer.Update(new TaskBatch { Tasks = [.. Enumerable.Range(from, BatchTasks).Select(Record)] });
            log.WriteByte((byte)'\n');
            journal.Refresh();
        }

        // Full: the rest of its life it stores small batches.
        for (int from = int.MaxValue / 2; ; from++)
        {
            using CacheWriter writer = cache.Write();
            writer.Update(new TaskBatch { Tasks = [Record(from)] });
        }
    }

    /// <summary>What a program does that has just been started: opens, and shows the first page.</summary>
    internal static int Open(string directory)
    {
        (TimeSpan took, long total) = FirstPage(directory);
        Console.WriteLine($"{took.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} {total}");
        return Workload.Done;
    }

    /// <summary>How long it takes, without the time in which others had the processor, and of how many tasks it is the first page.</summary>
    internal static (TimeSpan Took, long Total) FirstPage(string directory)
    {
        TimeSpan waitedBefore = WaitedForProcessor();
        long began = TimeProvider.System.GetTimestamp();
        using CacheReader reader = TaskCache.Open(directory).Read();
        TaskPage page = reader.List(new TaskQuery());
        return (TimeProvider.System.GetElapsedTime(began) - (WaitedForProcessor() - waitedBefore), page.Total);
    }

    /// <summary>How long this thread was ready to run and did not, as the kernel counts it: the second of three numbers, in nanoseconds.</summary>
    private static TimeSpan WaitedForProcessor()
    {
        const string Counts = "/proc/thread-self/schedstat";
        const int NanosecondsPerTick = 100;
        return File.Exists(Counts)
            ? TimeSpan.FromTicks(long.Parse(File.ReadAllText(Counts).Split(' ')[1], CultureInfo.InvariantCulture) / NanosecondsPerTick)
            : TimeSpan.Zero;
    }

    private static TaskRecord Record(int number)
    {
        int start = Begin + (number % 40_000_000);
        string upid = $"pve:cluster-{number % 20}!UPID:node-{number % 100}:{number % 4_000_000:X8}:{number:X8}:{start:X8}:{Types[number % Types.Length]}:{100 + (number % 500)}:root@pam:";
        return new TaskRecord(upid, start, number % 11 == 0 ? "job errors" : "OK", start + 60);
    }
}
