using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>The journal's rows, divided among archives and into parts.</summary>
public sealed class JournalShareTests
{
    // Invariants checked: the parts together are the rows in order; each is as large as it may be and no larger, unless all of it began at one time.
    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(1 << 20)]
    public void Parts_are_the_rows_in_order_and_no_larger_than_they_may_be(int partBytes)
    {
        using var cache = new TempCache(1000);
        long[] starts = [.. Enumerable.Range(0, 60).Select(i => 1000L + (i * 37 % 50))];
        cache.Add([.. starts.Select((start, i) => Some.Finished(start, new string('x', i), upid: Some.Upid(start, pid: i)))]);
        JournalSnapshot journal = new Journal(RealDisk.Instance, cache.Path).Load();
        JournalShare share = Assert.Single(JournalShare.Of(journal, ArchiveList.Read(RealDisk.Instance, cache.Path)));
        Assert.Equal((starts.Max(), starts.Min()), (share.Newest, share.Oldest));

        Dictionary<long, int> bytes = share.Rows.GroupBy(row => (long)row.Start).ToDictionary(group => group.Key, group => group.Sum(row => row.Length));
        long[][] parts = [.. share.ReadParts(partBytes).Select(part => Enumerable.Range(0, part.Count).Select(part.StartOf).ToArray())];
        Assert.Equal(starts.OrderDescending(), parts.SelectMany(part => part));
        for (int i = 0; i < parts.Length; i++)
        {
            long[] own = [.. parts[i].Distinct()];
            Assert.True(own.Length == 1 || own.Sum(start => bytes[start]) <= partBytes || own[..^1].Sum(start => bytes[start]) < partBytes, $"part {i} of {parts.Length} is too large");
            if (i + 1 < parts.Length)
                Assert.True(own.Sum(start => bytes[start]) + bytes[parts[i + 1][0]] > partBytes, $"part {i} of {parts.Length} could be larger");
        }

        Assert.Equal(partBytes == 1 << 20, parts.Length == 1);
    }

    [Fact]
    public void Lines_that_are_in_memory_are_one_part()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000), Some.Finished(1001));
        JournalSnapshot journal = new Journal(RealDisk.Instance, cache.Path).Load(keepsLines: true);
        Assert.True(journal.HasLines);
        JournalShare share = Assert.Single(JournalShare.Of(journal, ArchiveList.Read(RealDisk.Instance, cache.Path)));
        Assert.Equal(2, Assert.Single(share.ReadParts(partBytes: 1)).Count);
    }

    [Fact]
    public void Each_row_belongs_to_the_archive_that_begins_before_it_and_the_oldest_takes_what_is_older()
    {
        using var cache = new TempCache(3000, TempCache.Small with { RotateAfter = TimeSpan.FromSeconds(1000) });
        cache.Add([.. new long[] { 500, 1000, 1999, 2000, 3001 }.Select(start => Some.Finished(start))]);
        Assert.Equal(["archive.3000", "archive.2000.zst", "archive.1000.zst"], cache.Archives());
        JournalSnapshot journal = new Journal(RealDisk.Instance, cache.Path).Load();
        JournalShare[] shares = [.. JournalShare.Of(journal, ArchiveList.Read(RealDisk.Instance, cache.Path))];
        Assert.Equal([(0, 1, 0), (1, 1, 0), (2, 3, 1)], shares.Select(share => (share.Index, share.Rows.Count, share.RowsBelow)));
    }
}
