using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>One archive that is open for all who ask.</summary>
public sealed class ArchiveIndexTests : IDisposable
{
    private const int Tasks = 1_000;

    private readonly HookedDisk _disk = new();
    private readonly ByteCache<BlockKey, DecodedBlock> _blocks = new(1 << 20);
    private readonly ByteCache<PartKey, object> _parts = new(1 << 20);
    private readonly TempCache _cache = OneArchive.Of(Tasks);
    private readonly ArchiveIndex _archive;

    public ArchiveIndexTests()
    {
        var loader = new IndexLoader(_disk, _cache.Path, _blocks, _parts, new FreshIndexes());
        _archive = loader.Load(loader.TryOpen(OneArchive.NameOf(_cache))!, Some.AnyTime);
    }

    private string FilePath => _cache.PathOf(_archive.Name.ToString());

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void Each_row_is_in_its_block()
    {
        Assert.Equal(4, _archive.Table!.Count);
        Assert.Equal((0, Tasks), (_archive.RowsOf(0).From, _archive.RowsOf(3).To));
        for (int row = 0; row < Tasks; row++)
        {
            (int from, int to) = _archive.RowsOf(_archive.BlockOf(row));
            Assert.True(from <= row && row < to, $"{row} is not in {from} to {to}");
        }

        _archive.Release();
    }

    [Fact]
    public void A_block_that_is_asked_for_again_stays_in_memory_until_the_archive_is_closed()
    {
        var scratch = new DecodedBlock();
        Assert.Same(scratch, _archive.Decode(1, scratch));
        DecodedBlock? kept = _archive.Decode(1, scratch);
        Assert.NotSame(scratch, kept);
        int reads = 0;
        _disk.Hook = _ => reads++;
        Assert.Same(kept, _archive.Decode(1, scratch));
        Assert.Equal(0, reads);
        Assert.Equal(256, kept!.Lines);
        Assert.InRange(kept.Bytes, kept.Content.Length + (4 * kept.Lines), 4 * kept.Content.Length);
        _archive.Release();
        Assert.Null(_blocks.Find(new BlockKey(_archive, 1)));
    }

    [Fact]
    public void It_is_closed_when_the_last_one_lets_go()
    {
        _archive.Columns.Column(TaskColumn.User);
        var key = new PartKey(_archive.Columns, PartKind.Column, (int)TaskColumn.User, null);
        _archive.AddUser();
        _archive.Release();
        Assert.Equal(new FileInfo(FilePath).Length, _archive.File.Length);
        Assert.NotNull(_parts.Find(key));
        _archive.Release();
        Assert.Throws<ObjectDisposedException>(() => _archive.File.Length);
        Assert.Null(_parts.Find(key));
    }

    [Fact]
    public void A_row_that_is_not_what_was_indexed_is_told_of_with_its_file_and_the_archive_has_gone_bad()
    {
        Assert.True(_archive.IsUnchanged && _archive.IsStill(_disk.Stamp(FilePath)!.Value) && !_archive.HasGoneBad);
        CacheException error = _archive.GoneBad(17);
        Assert.Equal(CacheError.WentBad, error.Error);
        Assert.Matches($"'{_archive.Name}' was whole .* its row 17 cannot be read. Try again", error.Message);
        Assert.True(_archive.HasGoneBad);
        byte[] bytes = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, [.. bytes, 0]);
        Assert.False(_archive.IsUnchanged || _archive.IsStill(_disk.Stamp(FilePath)!.Value));
        File.WriteAllBytes(FilePath, bytes);
        _archive.Release();
    }
}
