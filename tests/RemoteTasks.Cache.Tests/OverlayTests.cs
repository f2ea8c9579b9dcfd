using System.Text;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Which rows of an archive count, which lines lie over them, and what of that is found out once.</summary>
public sealed class OverlayTests
{
    [Fact]
    public void Rows_at_the_ends_of_a_file_that_belong_to_another_lie_over_that_one()
    {
        using var cache = new TempCache(3_000) { IsDamaged = true };
        cache.Add();
        Write(cache, 3_000, 3_500, 3_000, 2_999);
        Write(cache, 2_000, 3_001, 2_500, 2_000, 1_999);
        Write(cache, 1_000, 2_001, 1_500, 5);
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal(
            [(0, 2, 3_000, long.MaxValue, "3001"), (1, 3, 2_000, 3_000, "2999 2001"), (1, 3, long.MinValue, 2_000, "1999")],
            reader.Snapshot.Segments.Select(segment => (segment.From, segment.To, segment.Begin, segment.End, string.Join(' ', segment.Over.Select(line => line.StartTime)))));
        Assert.Equal([3_500, 3_001, 3_000, 2_999, 2_500, 2_001, 2_000, 1_999, 1_500, 5], reader.List(new TaskQuery()).Rows.Select(row => row.StartTime));
    }

    [Fact]
    public void Files_without_a_row_of_another_count_as_they_are()
    {
        using var cache = new TempCache(3_000) { IsDamaged = true };
        cache.Add();
        Write(cache, 3_000, 3_000);
        Write(cache, 2_000, 2_999, 2_000);
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal([(0, 1, 0), (0, 2, 0)], reader.Snapshot.Segments.Select(segment => (segment.From, segment.To, segment.Over.Count)));
    }

    [Fact]
    public void Where_there_is_no_archive_all_lines_lie_over_nothing()
    {
        using var cache = new TempCache(1000, TempCache.Small with { Disk = new HookedDisk { Hides = static name => name.StartsWith("archive", StringComparison.Ordinal) } });
        cache.Add(Some.Finished(1000), Some.Running(1001), Some.Finished(5));
        cache.Reopen();
        using CacheReader reader = cache.Cache.Read();
        Segment segment = Assert.Single(reader.Snapshot.Segments);
        Assert.Null(segment.Archive);
        Assert.Equal((0, 0, long.MinValue, long.MaxValue, 3), (segment.From, segment.To, segment.Begin, segment.End, segment.Over.Count));
        Assert.Equal([1001, 1000, 5], reader.List(new TaskQuery()).Rows.Select(row => row.StartTime));
    }

    // Columns do not tell these names, so that a row is found by reading blocks.
    [Fact]
    public void Which_row_a_line_replaces_or_stands_before_is_found_out_once()
    {
        const int Tasks = 4_000;
        var disk = new HookedDisk();
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, BlockMemoryMax = 0, Disk = disk });
        TaskRecord Task(int start, int pid, string status) => Some.Finished(start, status, upid: Some.Upid(start, pid: pid).Replace("002638B8", "002638b8", StringComparison.Ordinal));
        cache.Add([.. Enumerable.Range(0, Tasks).Select(start => Task(start, 5, "OK"))]);
        cache.Apply();
        int[] some = [.. Enumerable.Range(0, 60).Select(i => 17 + (i * 61))];
        cache.Add([.. some.Select(start => Task(start, 5, "again")), .. some.Select(start => Task(start + 3, 4, "beside"))]);
        int reads = 0;
        disk.Hook = call => reads += call == "read archive.0.zst" ? 1 : 0;
        string[] first = Look(cache);
        Assert.InRange(reads, 20, int.MaxValue);

        cache.Add(Task(Tasks / 2, 5, "again"), Task(1, 4, "beside"));
        reads = 0;
        string[] second = Look(cache);
        Assert.InRange(reads, 1, 8);
        Assert.Subset(second.ToHashSet(), first.ToHashSet());
        Assert.Equal(first.Length + 2, second.Length);

        // Whoever reads for the first time finds the same.
        cache.Reopen();
        Assert.Equal(second, Look(cache));
    }

    private static string[] Look(TempCache cache)
    {
        using CacheReader reader = cache.Cache.Read();
        Segment segment = Assert.Single(reader.Snapshot.Segments);
        return [.. segment.Over.Select((line, i) => $"{Encoding.UTF8.GetString(line.Upid.Span)} before {segment.PlaceOf(i)}, dead: {segment.Dead.Contains(segment.PlaceOf(i))}")];
    }

    private static void Write(TempCache cache, int epoch, params long[] starts) =>
        File.WriteAllText(cache.PathOf($"archive.{epoch}"), string.Concat(starts.Select(start => Encoding.UTF8.GetString(Some.Finished(start).ToLine()) + "\n")));
}
