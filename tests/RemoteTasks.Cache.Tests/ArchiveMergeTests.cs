using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Where an archive that gets a new content is divided, and where it is not.</summary>
public sealed class ArchiveMergeTests
{
    private const int Many = Limits.SplitRowsMin;

    private static readonly TaskCacheOptions Periods = TempCache.Small with
    {
        PlainFiles = 1, RotateAfter = TimeSpan.FromSeconds(1000), RetainFilesMax = null, InitialFiles = 3, JournalBytesMax = 64 << 20,
    };

    // Invariants checked: an archive in which rows of more than one period come together is divided, whichever were there before.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, Many)]
    public void An_archive_that_has_come_to_hold_two_periods_is_divided(int olderBefore, int newerBefore)
    {
        using TempCache cache = WithGap(Periods);
        TaskRecord[] older = [Some.Finished(3100)];
        TaskRecord[] newer = At(4100, Many);
        cache.Add([.. older.Take(olderBefore), .. newer.Take(newerBefore)]);
        cache.Apply();
        Assert.Equal(["archive.5000", "archive.3000.zst"], cache.Archives());
        cache.Add([.. older, .. newer]);
        cache.Apply();
        Assert.Equal(["archive.5000", "archive.4000.zst", "archive.3000.zst"], cache.Archives());
        Assert.Equal(Many + 1, cache.List(new TaskQuery { Limit = 1 }).Total);
        Assert.Equal([3100], StartsIn(cache, "archive.3000.zst"));
    }

    [Fact]
    public void Behind_few_rows_no_file_begins_and_none_within_a_period()
    {
        using TempCache cache = WithGap(Periods);
        cache.Add([Some.Finished(3100), .. At(4100, 5)]);
        cache.Apply();
        Assert.Equal(["archive.5000", "archive.3000.zst"], cache.Archives());
        cache.Add([.. At(4200, Many / 2), .. At(4201, Many / 2), .. At(4202, 100)]);
        cache.Apply();
        Assert.Equal(["archive.5000", "archive.4000.zst", "archive.3000.zst"], cache.Archives());
        Assert.Equal(Many + 106, cache.List(new TaskQuery { Limit = 1 }).Total);
        Assert.Equal([3100], StartsIn(cache, "archive.3000.zst"));
    }

    [Fact]
    public void Where_only_so_many_files_are_kept_nothing_is_divided()
    {
        using TempCache cache = WithGap(Periods with { PlainFiles = 3, RetainFilesMax = 9 });
        cache.Add([Some.Finished(3100), .. At(4100, Many)]);
        cache.Apply();
        Assert.Equal(["archive.5000", "archive.3000"], cache.Archives());
        Assert.Equal(Many + 1, cache.List(new TaskQuery { Limit = 1 }).Total);
    }

    [Theory]
    [InlineData(1, null, 1000, true)]
    [InlineData(0, null, 1000, false)]
    [InlineData(0, 9, 1000, false)]
    [InlineData(1, 9, 1000, false)]
    [InlineData(1, null, 0, false)]
    [InlineData(0, null, 0, false)]
    public void Only_rotation_divides_the_newest_and_only_where_there_are_periods_and_no_number_of_files(int index, int? filesMax, int period, bool may) =>
        Assert.Equal(may, ArchiveMerge.MaySplit(Periods with { RotateAfter = TimeSpan.FromSeconds(period), RetainFilesMax = filesMax }, index));

    [Theory]
    [InlineData(Many, "archive.5000", "archive.4000.zst", "archive.3000.zst", "archive.2000.zst")]
    [InlineData(Many - 1, "archive.5000", "archive.4000.zst", "archive.3000.zst")]
    public void What_is_older_than_the_oldest_archive_gets_one_of_its_own_when_it_is_much(int rows, params string[] archives)
    {
        using var cache = new TempCache(5000, Periods);
        cache.Add(Some.Finished(3500));
        cache.Apply();
        cache.Add([Some.Finished(3000), Some.Finished(3001), .. At(2999, rows - 1), Some.Finished(2500)]);
        cache.Apply();
        Assert.Equal(archives, cache.Archives());
        Assert.Equal(rows + 3, cache.List(new TaskQuery { Limit = 1 }).Total);
        long[] oldest = StartsIn(cache, "archive.3000.zst");
        Assert.Equal([3500, 3001, 3000], oldest.Take(3));
        Assert.Equal(archives.Length == 4 ? 3 : rows + 3, oldest.Length);
    }

    // Invariants checked: every line is read only where rows of two periods come together, in a file that may be divided.
    [Theory]
    [InlineData("archive.3000.zst", "", "3100 3999", false)]
    [InlineData("archive.3000.zst", "3100", "3000 3999", false)]
    [InlineData("archive.3000.zst", "3999", "2500", false)]
    [InlineData("archive.3000.zst", "3100", "4000", true)]
    [InlineData("archive.3000.zst", "4500", "3100", true)]
    [InlineData("archive.3000.zst", "", "3100 4100", true)]
    [InlineData("archive.5000.zst", "5100", "7100", false)]
    public void A_file_that_need_not_be_divided_is_merged_into_by_its_index(string archive, string before, string added, bool readsLines)
    {
        using TempCache cache = WithGap(Periods with { PlainFiles = 0 });
        long[] Starts(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        cache.Add([.. Starts(before).Select(start => Some.Finished(start))]);
        cache.Apply();
        cache.Add([.. Starts(added).Select(start => Some.Finished(start))]);
        var steps = new Steps();
        using (CacheWriter writer = cache.Cache.Write())
            writer.ApplyJournal(steps);
        Assert.Equal(readsLines, steps.Told.Any(step => step.Step == $"merging into {archive}"));
        Assert.Equal([.. Starts(before).Concat(Starts(added)).OrderDescending()], cache.Starts());
    }

    [Fact]
    public void The_name_of_one_file_is_synced_once()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(5000, Periods with { Disk = disk });
        cache.Add(Some.Finished(5001));
        var calls = new List<string>();
        disk.Hook = calls.Add;
        cache.Apply();
        int renamed = calls.IndexOf("rename archive.5000");
        Assert.Equal(["syncdir remote-tasks"], calls.Take(calls.FindIndex(call => call == "rename journal")).Where(call => call.StartsWith("syncdir", StringComparison.Ordinal)));
        Assert.True(renamed >= 0 && renamed < calls.IndexOf("syncdir remote-tasks"));
    }

    /// <summary>An archive that is the oldest and takes two periods, since the one between was taken away.</summary>
    private static TempCache WithGap(TaskCacheOptions options)
    {
        var cache = new TempCache(5000, options);
        cache.Cache.Write().Dispose();
        File.Delete(cache.PathOf(cache.Archives().Single(name => name.StartsWith("archive.4000", StringComparison.Ordinal))));
        cache.Reopen();
        return cache;
    }

    private static TaskRecord[] At(long start, int count) => [.. Enumerable.Range(0, count).Select(i => Some.Finished(start, upid: Some.Upid(start, pid: i)))];

    private static long[] StartsIn(TempCache cache, string archive) =>
        [.. Encoding.UTF8.GetString(Zstd.Decode(File.ReadAllBytes(cache.PathOf(archive)))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(StartOf)];

    private static long StartOf(string line)
    {
        Assert.True(TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out string? problem), problem);
        return record.StartTime;
    }
}
