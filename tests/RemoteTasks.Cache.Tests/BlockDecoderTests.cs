using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A decoder takes some hundred KiB, and a cache has an archive a day for as long as it lives.</summary>
public sealed class BlockDecoderTests
{
    private const int Archives = 9;
    private const int Lines = 300;

    [Fact]
    public void Archives_that_are_read_one_after_the_other_share_one_decoder()
    {
        using TempCache cache = Filled();
        IndexLoader loader = Loader(cache);
        foreach (ArchiveIndex archive in Open(cache, loader))
        {
            var block = new DecodedBlock();
            Assert.Same(block, archive.Decode(1, block));
            Assert.Equal(Lines - Limits.BlockLinesMax, block.Lines);
            archive.Release();
        }

        Assert.Equal(1, loader.Decoders.Idle);
    }

    [Fact]
    public void Archives_that_are_read_at_once_give_their_own_lines()
    {
        using TempCache cache = Filled();
        IndexLoader loader = Loader(cache);
        ArchiveIndex[] archives = Open(cache, loader);
        Parallel.For(0, 200, i =>
        {
            ArchiveIndex archive = archives[i % archives.Length];
            DecodedBlock block = archive.Decode(0, new DecodedBlock())!;
            Assert.Contains($"\"status\":\"{archive.Name.Epoch}\"", System.Text.Encoding.UTF8.GetString(block[i % block.Lines].Span), StringComparison.Ordinal);
        });
        Assert.InRange(loader.Decoders.Idle, 1, 200);
        foreach (ArchiveIndex archive in archives)
            archive.Release();
    }

    [Fact]
    public void What_is_no_block_of_lines_is_not_decoded()
    {
        using var cache = new TempCache();
        string path = Path.Combine(cache.Root, "file");
        byte[] file = Zstd.Blocks("a line\n"u8.ToArray(), "no newline"u8.ToArray(), new byte[Limits.BlockBytesReadMax + 1]);
        File.WriteAllBytes(path, file);
        using IDiskFile read = RealDisk.Instance.OpenRead(path)!;
        int first = Zstd.OneFrame("a line\n"u8.ToArray()).Length;
        int second = Zstd.OneFrame("no newline"u8.ToArray()).Length;
        byte[] buffer = [];
        using var decoder = new BlockDecoder();
        Assert.Equal("a line\n"u8, decoder.Decode(read, new Block(0, first, 7), ref buffer)!.Value.Span);
        Assert.Null(decoder.Decode(read, new Block(first, second, 10), ref buffer));
        Assert.Null(decoder.Decode(read, new Block(first + second, 100, 10), ref buffer));
        Assert.Null(decoder.Decode(read, new Block(1, first, 7), ref buffer));
        Assert.Null(decoder.Decode(read, new Block(file.Length - 3, 4, 7), ref buffer));
    }

    /// <summary>Archives of two blocks each, whose tasks have the archive's time for a status.</summary>
    private static TempCache Filled()
    {
        var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, RetainFilesMax = null });
        for (int i = 0; i < Archives; i++)
        {
            int first = i * 1000;
            cache.Add([.. Enumerable.Range(first, Lines).Select(start => Some.Finished(start, status: $"{first}"))]);
            cache.RotateAt(first + 1000);
        }

        return cache;
    }

    private static IndexLoader Loader(TempCache cache) => new(
        RealDisk.Instance, cache.Path, new ByteCache<BlockKey, DecodedBlock>(1 << 20), new ByteCache<PartKey, object>(1 << 20), new FreshIndexes());

    private static ArchiveIndex[] Open(TempCache cache, IndexLoader loader)
    {
        ArchiveList list = ArchiveList.Read(RealDisk.Instance, cache.Path);
        ArchiveIndex[] archives = [.. list.Names.Select((name, i) => loader.Load(loader.TryOpen(name)!, list.BoundsOf(i))).Where(archive => archive.Rows > 0)];
        Assert.Equal(Archives, archives.Length);
        return archives;
    }
}
