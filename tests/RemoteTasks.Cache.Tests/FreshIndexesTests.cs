using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Tests;

/// <summary>Indexes in memory of archives that were just written.</summary>
public sealed class FreshIndexesTests
{
    private static readonly ArchiveName Today = new(2000, Compressed: true);

    [Fact]
    public void An_index_is_taken_once_and_only_for_the_file_it_was_made_with()
    {
        var fresh = new FreshIndexes();
        FreshIndex index = Index(inode: 1, bytes: 10);
        fresh.Offer(Today, index);
        Assert.Null(fresh.Take(new ArchiveName(1000, Compressed: true), index.Archive));
        Assert.Same(index, fresh.Take(Today, index.Archive));
        Assert.Null(fresh.Take(Today, index.Archive));
        fresh.Offer(Today, index);
        Assert.Null(fresh.Take(Today, Index(inode: 2, bytes: 10).Archive));
        Assert.Equal(0, fresh.Bytes);
    }

    // A daemon applies its journal for days before anybody looks at an archive.
    [Fact]
    public void An_archive_that_is_written_again_and_again_leaves_one_index()
    {
        var fresh = new FreshIndexes();
        for (ulong i = 1; i <= 100; i++)
            fresh.Offer(Today, Index(i, bytes: 10));
        Assert.Equal(10, fresh.Bytes);
        Assert.NotNull(fresh.Take(Today, Index(inode: 100, bytes: 10).Archive));
        Assert.Equal(0, fresh.Bytes);
    }

    [Fact]
    public void They_take_no_more_than_their_bound()
    {
        var fresh = new FreshIndexes();
        const int Third = (int)(FreshIndexes.BytesMax / 3);
        for (int i = 1; i <= 3; i++)
            fresh.Offer(new ArchiveName(i, Compressed: true), Index((ulong)i, Third));
        Assert.Equal(3L * Third, fresh.Bytes);
        fresh.Offer(new ArchiveName(4, Compressed: true), Index(4, Third));
        Assert.Equal(Third, fresh.Bytes);
        Assert.Null(fresh.Take(new ArchiveName(1, Compressed: true), Index(1, Third).Archive));
        fresh.Offer(new ArchiveName(5, Compressed: true), Index(5, (int)FreshIndexes.BytesMax + 1));
        Assert.Equal(0, fresh.Bytes);
        fresh.Offer(new ArchiveName(6, Compressed: true), Index(6, (int)FreshIndexes.BytesMax));
        Assert.Equal(FreshIndexes.BytesMax, fresh.Bytes);
        foreach (int half in (int[])[7, 8])
            fresh.Offer(new ArchiveName(half, Compressed: true), Index((ulong)half, (int)FreshIndexes.BytesMax / 2));
        Assert.Equal(FreshIndexes.BytesMax, fresh.Bytes);
        FreshIndex two = Index(9, 10);
        Assert.Equal(30, (two with { Data = two.Data with { Columns = [.. two.Data.Columns, new ColumnData(new byte[20], 1)] } }).Bytes);
    }

    private static FreshIndex Index(ulong inode, int bytes) => new(
        new FileStamp(new FileIdentity(1, inode), bytes, 1), UInt128.One, new IndexData(bytes, [new ColumnData(new byte[bytes], 1)], [], []));
}
