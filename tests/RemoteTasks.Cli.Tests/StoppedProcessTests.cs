using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>Processes that stand still in the middle of reading or of writing: nobody waits for them.</summary>
public sealed class StoppedProcessTests
{
    private const string HoldVariable = "REMOTE_TASKS_HOLD_SECONDS";
    private const int SecondsUnlessSaid = 3;
    private const int TimesAlone = 10;
    private const int MergesMax = 10;
    private const int Stored = 150_000;
    private const int Fresh = 500;

    // In every block of the archive is one that changed, so that none is taken over as it is.
    private const int ChangedEvery = 200;

    // A lock that is held would be waited for ten seconds and not be had; this only allows for a machine that has other things to do.
    private const int Slower = 5;
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>How long a process stands still.</summary>
    private static TimeSpan Hold { get; } =
        TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable(HoldVariable), out int seconds) ? seconds : SecondsUnlessSaid);

    // Invariants checked: a writer stores, applies, rotates and drops in about the time it takes alone; the reader goes on reading what it had
    // opened, also when none of these files is there any more.
    [Fact]
    public async Task A_reader_that_stands_still_in_the_middle_of_a_list_delays_no_writer_and_reads_on()
    {
        using var directory = new TempDirectory();
        string path = directory.PathOf("remote-tasks");
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(SampleCache.Begin));
        TaskCache cache = TaskCache.Open(path, new TaskCacheOptions { Clock = clock, InitialFiles = 1, RetainFilesMax = 3 });
        Store(cache, Enumerable.Range(0, 20_000));
        clock.Advance(TimeSpan.FromHours(10));
        TimeSpan[] alone = [.. Enumerable.Range(0, 2).Select(_ => Work(cache, clock))];
        string[] list = ["list", "--cache", path, "--limit", "0", "--format", "jsonl"];
        string expected = await CommandResult.GoodAsync(list);
        string[] files = Directory.GetFiles(path, "archive.*");

        using StoppableProcess reader = StoppableProcess.Start(list);
        string? first = await reader.Out.ReadLineAsync();
        Assert.True(reader.TryStop());
        TimeSpan[] beside = While(() => Work(cache, clock));
        Assert.True(beside.Max() < (Slower * alone.Max()) + Slack, $"alone {alone.Max()}, beside a reader {beside.Max()}");
        Assert.DoesNotContain(files, File.Exists);
        reader.GoOn();
        Assert.Equal(expected, $"{first}\n{await reader.Out.ReadToEndAsync()}");
        Assert.Equal(0, reader.End());
        Assert.False(cache.Check().IsDamaged);
    }

    // Invariants checked: readers open and answer in about the time it takes when nobody writes, and every answer is the right one.
    [Fact]
    public void A_writer_that_stands_still_in_the_middle_of_a_merge_delays_no_reader()
    {
        using var directory = new TempDirectory();
        string path = directory.PathOf("remote-tasks");
        var options = new TaskCacheOptions { InitialFiles = 1, JournalBytesMax = 1 << 30, Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(SampleCache.Begin)) };
        TaskCache cache = TaskCache.Open(path, options);
        int count = Stored;
        string changed = "";
        Store(cache, Enumerable.Range(0, count));
        Apply(cache);
        StoppableProcess? writer = null;
        TimeSpan alone = default;
        for (int merge = 0; writer is null && merge < MergesMax; merge++)
        {
            Store(cache, Enumerable.Range(count, Fresh));
            changed = $"changed {merge}";
            Store(cache, Enumerable.Range(0, Stored / ChangedEvery).Select(i => i * ChangedEvery), changed);
            count += Fresh;
            alone = Enumerable.Range(0, TimesAlone).Max(_ => Timed(Look));
            writer = StartAndStopInMerge(path);
        }

        using (writer)
        {
            Assert.NotNull(writer);
            TimeSpan[] beside = While(() => Timed(Look));
            Assert.True(beside.Max() < (Slower * alone) + Slack, $"alone {alone}, beside a writer {beside.Max()}");
            Assert.True(IsInMerge(path));
            writer.GoOn();
            Assert.Equal(0, writer.End());
        }

        Assert.False(IsInMerge(path));
        Look();
        Assert.False(cache.Check().IsDamaged);

        // By one who has the cache open, and by one who opens it.
        void Look()
        {
            foreach (TaskCache from in (TaskCache[])[cache, TaskCache.Open(path, options)])
            {
                using CacheReader reader = from.Read();
                TaskPage page = reader.List(new TaskQuery { Limit = 100 });
                Assert.Equal(count, page.Total);
                Assert.Equal(Enumerable.Range(0, 100).Select(i => Record(count - 1 - i).Upid), page.Rows.Select(row => row.Upid));
                Assert.Equal(Stored / ChangedEvery, reader.List(new TaskQuery { Statuses = [StatusClass.Error] }).Total);
                Assert.Equal(changed, reader.Find(Record(7 * ChangedEvery).Upid)?.Status);
            }
        }
    }

    /// <summary>
    /// Merges in another process, which is stopped while it writes the new archive; null when it was too quick and had come to put it in
    /// place, the moment in which it is alone.
    /// </summary>
    private static StoppableProcess? StartAndStopInMerge(string path)
    {
        var writer = StoppableProcess.Start("apply", "--cache", path);
        while (!writer.HasExited && !IsInMerge(path))
            Thread.Yield();
        if (writer.TryStop() && IsInMerge(path) && LetsReadersIn(path))
            return writer;
        writer.Dispose();
        return null;
    }

    /// <summary>Whether a part of a new archive has been written, and the journal still has its tasks.</summary>
    private static bool IsInMerge(string path) =>
        new DirectoryInfo(path).EnumerateFiles("*.tmp").Any(file => file is { Exists: true, Length: > 0 }) && new FileInfo(Path.Combine(path, "journal")).Length > 0;

    private static bool LetsReadersIn(string path)
    {
        using Process flock = Process.Start("flock", ["-s", "-n", Path.Combine(path, ".lock"), "true"]);
        flock.WaitForExit();
        return flock.ExitCode == 0;
    }

    /// <summary>All that a daemon does in a day, with a file begun and, as only some are kept, one dropped.</summary>
    private static TimeSpan Work(TaskCache cache, FakeTimeProvider clock) => Timed(() =>
    {
        clock.Advance(TimeSpan.FromDays(1));
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        Store(cache, Enumerable.Range((int)(now - SampleCache.Begin), 200));
        Apply(cache);
        using CacheWriter writer = cache.Write();
        Assert.NotNull(writer.Rotate(force: true).Begun);
    });

    private static void Store(TaskCache cache, IEnumerable<int> numbers, string status = "OK")
    {
        using CacheWriter writer = cache.Write();
        Assert.Empty(writer.Update(new TaskBatch { Tasks = [.. numbers.Select(number => Record(number, status))] }).Rejected);
    }

    private static void Apply(TaskCache cache)
    {
        using CacheWriter writer = cache.Write();
        writer.ApplyJournal();
    }

    private static TaskRecord Record(int number, string status = "OK")
    {
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(SampleCache.Line(number, status: status)), out TaskRecord? record, out string? problem), problem);
        return record;
    }

    /// <summary>Does something again and again for as long as a process stands still; how long each time took.</summary>
    private static TimeSpan[] While(Func<TimeSpan> work)
    {
        var times = new List<TimeSpan>();
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Hold)
            times.Add(work());
        return [.. times];
    }

    private static TimeSpan Timed(Action work)
    {
        long began = TimeProvider.System.GetTimestamp();
        work();
        return TimeProvider.System.GetElapsedTime(began);
    }
}
