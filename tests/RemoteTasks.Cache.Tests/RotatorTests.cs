using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Each step of a rotation is durable before the next one takes anything away, and every task is in the file it belongs to.</summary>
public sealed class RotatorTests
{
    private const string SyncNames = "syncdir remote-tasks";

    private static readonly TaskCacheOptions AllPlain = TempCache.Small with { PlainFiles = 9, RetainFilesMax = null };

    private readonly List<string> _calls = [];
    private readonly HookedDisk _disk = new();

    [Fact]
    public void What_moves_into_a_new_file_is_durable_there_before_it_leaves_the_other()
    {
        using TempCache cache = New(AllPlain);
        Store(cache, 1000, 1999, 2000, 2500);
        cache.RotateAt(2000);
        Assert.Equal(["rename archive.2000", SyncNames, "rename archive.1000", SyncNames], Changes());
        Assert.Equal([2500, 2000], StartsIn(cache, "archive.2000"));
        Assert.Equal([1999, 1000], StartsIn(cache, "archive.1000"));
    }

    [Fact]
    public void A_file_that_takes_nothing_over_leaves_the_other_as_it_is()
    {
        using TempCache cache = New(AllPlain);
        Store(cache, 1000, 1999);
        byte[] before = File.ReadAllBytes(cache.PathOf("archive.1000"));
        cache.RotateAt(2000);
        Assert.Equal(["rename archive.2000", SyncNames], Changes());
        Assert.Empty(StartsIn(cache, "archive.2000"));
        Assert.Equal(before, File.ReadAllBytes(cache.PathOf("archive.1000")));
    }

    // After a clock went back.
    [Fact]
    public void A_file_older_than_all_takes_over_what_lies_below_the_next_one()
    {
        using TempCache cache = New(AllPlain with { InitialFiles = 1 }, now: 5000);
        Store(cache, 4000, 4999, 5000, 5001);
        cache.RotateAt(3000);
        Assert.Equal(["rename archive.3000", SyncNames, "rename archive.5000", SyncNames], Changes());
        Assert.Equal([4999, 4000], StartsIn(cache, "archive.3000"));
        Assert.Equal([5001, 5000], StartsIn(cache, "archive.5000"));
    }

    [Fact]
    public void Where_there_is_no_file_one_begins()
    {
        using TempCache cache = New(AllPlain with { InitialFiles = 1 });
        cache.Cache.Write().Dispose();
        File.Delete(cache.PathOf("archive.1000"));
        _calls.Clear();
        cache.RotateAt(2000);
        Assert.Equal(["archive.2000"], cache.Archives());
    }

    [Fact]
    public void A_plain_file_goes_when_the_name_of_the_compressed_one_is_durable()
    {
        using TempCache cache = New(TempCache.Small with { InitialFiles = 1, RetainFilesMax = null });
        Store(cache, 1000, 1001);
        cache.RotateAt(2000);
        Assert.Equal(
            ["rename archive.2000", SyncNames, "rename archive.1000.zst", SyncNames, "delete archive.1000", SyncNames],
            Changes().Where(call => !call.EndsWith(".idx", StringComparison.Ordinal)));
        Assert.Equal([1001, 1000], cache.Starts());
    }

    // So that a crash in between leaves no gap, and no name comes back.
    [Fact]
    public void The_oldest_files_are_dropped_first_with_their_indexes_for_good()
    {
        using TempCache cache = New(TempCache.Small with { RetainFilesMax = null, InitialFiles = 1, PlainFiles = 0 });
        Fill(cache);
        cache.RotateAt(4000);
        _calls.Clear();
        using (CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { RetainFilesMax = 2 }).Write())
            writer.Rotate();
        Assert.Equal(
            [SyncNames, "delete archive.1000.zst", "delete archive.1000.idx", "delete archive.2000.zst", "delete archive.2000.idx", SyncNames],
            Changes());
        Assert.Equal(["archive.4000.zst", "archive.3000.zst"], cache.Archives());
        Assert.Equal([3000], cache.Starts());
    }

    [Theory]
    [InlineData("rename archive.2000")]
    [InlineData("rename archive.1000")]
    public void What_could_not_be_put_in_place_leaves_nothing_behind_and_is_done_the_next_time(string failing)
    {
        using TempCache cache = New(AllPlain);
        Store(cache, 1000, 2000);
        _disk.Hook = call =>
        {
            if (call == failing)
                throw new IOException("Input/output error", 5);
        };
        Assert.ThrowsAny<IOException>(() => cache.RotateAt(2000));
        _disk.Hook = static _ => { };
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
        Assert.Equal([2000, 1000], cache.Starts());
        cache.Reopen();
        cache.RotateAt(2001);
        Assert.Equal([2000, 1000], cache.Starts());
    }

    [Fact]
    public void Where_nothing_is_due_nobody_is_locked_out_and_nothing_written()
    {
        using TempCache cache = New(AllPlain);
        Store(cache, 1000);
        cache.RotateAt(1000);
        Assert.Empty(Changes());
        Assert.DoesNotContain(_calls, call => call.StartsWith("lock-exclusive", StringComparison.Ordinal) && !call.Contains("writer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(9, "rename archive.2000")]
    [InlineData(1, "rename archive.1000.zst")]
    public void Damage_is_noted_before_what_shows_it_is_replaced(int plainFiles, string replaces)
    {
        using TempCache cache = New(TempCache.Small with { PlainFiles = plainFiles, InitialFiles = 1 });
        cache.IsDamaged = true;
        Store(cache, 1000, 1010, 2020);
        string[] lines = File.ReadAllLines(cache.PathOf("archive.1000"));
        File.WriteAllLines(cache.PathOf("archive.1000"), [lines[0], lines[1][..20], .. lines[2..]]);
        bool isNoted = false;
        _disk.Hook = call => isNoted |= call == replaces && File.ReadAllText(cache.PathOf("state")).Contains("archive.1000", StringComparison.Ordinal);
        cache.RotateAt(2000);
        Assert.True(isNoted);
    }

    [Fact]
    public void A_bound_of_rows_counts_those_of_the_newest_file_alone()
    {
        using TempCache cache = New(AllPlain with { InitialFiles = 2, RotateAfter = TimeSpan.FromDays(1), RotateRowsMax = 3 }, now: 90_000);
        Store(cache, 90_001, 90_002);
        Store(cache, 86_000, 86_001, 86_002, 86_003);
        Assert.Null(cache.RotateAt(90_100).Begun);
        Store(cache, 90_003);
        Assert.Equal("archive.90100", cache.RotateAt(90_100).Begun);
    }

    // A clock that jumped ahead must not drop history.
    [Fact]
    public void Ages_are_measured_against_the_newest_task_of_all_files()
    {
        using TempCache cache = New(TempCache.Small with { PlainFiles = 0, RetainFilesMax = null, RetainFor = TimeSpan.FromSeconds(100) });
        Fill(cache);
        Assert.Equal(["archive.1000.zst"], cache.RotateAt(1_000_000).Dropped);
    }

    [Fact]
    public void Ages_are_measured_against_the_newest_task_of_the_journal()
    {
        TaskCacheOptions options = TempCache.Small with { PlainFiles = 0, RetainFilesMax = null };
        using TempCache cache = New(options);
        Fill(cache);
        cache.Add(Some.Finished(4000), Some.Finished(1500));
        cache.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(50_000));
        using CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { RotateAfter = TimeSpan.FromDays(1), RetainFor = TimeSpan.FromSeconds(100) }).Write();
        Assert.Equal(["archive.1000.zst", "archive.2000.zst"], writer.Rotate().Dropped.Order(StringComparer.Ordinal));
    }

    /// <summary>Three files, with one task each.</summary>
    private void Fill(TempCache cache)
    {
        foreach (long start in new[] { 1000, 2000, 3000 })
        {
            cache.RotateAt(start);
            Store(cache, start);
        }
    }

    private static long[] StartsIn(TempCache cache, string name)
    {
        Assert.True(ArchiveName.TryParse(name, out ArchiveName archive));
        var damage = new List<Damage>();
        var starts = new List<long>();
        using IDiskFile file = RealDisk.Instance.OpenRead(cache.PathOf(name))!;
        using var rows = new ArchiveSource(file, archive, Some.AnyTime, damage);
        while (rows.MoveNext())
            starts.Add(rows.Current.StartTime);
        Assert.Empty(damage);
        return [.. starts];
    }

    /// <summary>Names of archives that were given or taken, indexes that went with them, and where that was made durable.</summary>
    private IEnumerable<string> Changes() => _calls.Where(call =>
        call == SyncNames
        || call.StartsWith("delete archive", StringComparison.Ordinal)
        || (call.StartsWith("rename archive", StringComparison.Ordinal) && !call.EndsWith(".idx", StringComparison.Ordinal)));

    private void Store(TempCache cache, params long[] starts)
    {
        cache.Add([.. starts.Select(start => Some.Finished(start))]);
        cache.Apply();
        _calls.Clear();
    }

    private TempCache New(TaskCacheOptions options, long now = 1000)
    {
        _disk.Hook = _calls.Add;
        return new TempCache(now, options with { Disk = _disk });
    }
}
