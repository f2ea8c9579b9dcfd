using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>The table at the end of a compressed archive, and the stream that is read by it.</summary>
public sealed class SeekTableTests : IDisposable
{
    // What other programs read: any change of it breaks them, and the archives there are.
    private static readonly byte[] TwoFrames =
    [
        0x5E, 0x2A, 0x4D, 0x18, 33, 0, 0, 0,
        12, 0, 0, 0, 0, 0, 0, 0,
        5, 0, 0, 0, 44, 1, 0, 0,
        7, 0, 0, 0, 9, 0, 0, 0,
        3, 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F,
    ];

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_bytes_of_a_table_never_change()
    {
        var table = new SeekTable();
        table.AddHead();
        table.Add(5, 300);
        table.Add(7, 9);
        Assert.Equal(TwoFrames, table.ToBytes());
        SeekTable? read = Read([.. SeekTable.Head, .. new byte[5 + 7], .. TwoFrames]);
        Assert.Equal([new Block(12, 5, 300), new Block(17, 7, 9)], [read![0], read[1]]);
        Assert.Equal((2, new Block(12, 5, 300)), (read.Count, table[0]));
    }

    // Of the frames' decoded bytes the frames know better; everything else has to fit.
    [Fact]
    public void A_table_with_a_byte_changed_is_none_unless_it_only_says_how_long_a_frame_is_decoded()
    {
        byte[] whole = [.. SeekTable.Head, .. new byte[5 + 7], .. TwoFrames];
        int begin = whole.Length - TwoFrames.Length;
        int[] decoded = [.. new[] { 12, 20, 28 }.SelectMany(at => Enumerable.Range(at, 4))];
        for (int at = 0; at < TwoFrames.Length; at++)
        {
            foreach (byte value in new byte[] { 1, 0x10, 0x80 })
            {
                byte[] bytes = [.. whole];
                bytes[begin + at] ^= value;
                if (!decoded.Contains(at))
                    Assert.True(Read(bytes) is null, $"byte {at} of the table, changed by {value}");
            }
        }
    }

    [Fact]
    public void A_table_does_not_fit_a_file_that_is_longer_or_shorter_than_its_frames()
    {
        byte[] head = [.. SeekTable.Head];
        Assert.NotNull(Read([.. head, .. new byte[12], .. TwoFrames]));
        Assert.Null(Read([.. head, .. new byte[13], .. TwoFrames]));
        Assert.Null(Read([.. head, .. new byte[11], .. TwoFrames]));
        Assert.Null(Read([.. head, .. new byte[12], .. TwoFrames, 0]));
        Assert.Null(Read(TwoFrames));
        for (int length = 0; length < TwoFrames.Length; length++)
            Assert.Null(Read(TwoFrames[^length..]));
    }

    [Fact]
    public void A_table_without_frames_fits_a_file_with_nothing_else()
    {
        Assert.Equal(0, Read(new SeekTable().ToBytes())?.Count);
        Assert.Null(Read([0, .. new SeekTable().ToBytes()]));
        var table = new SeekTable();
        table.AddHead();
        Assert.Equal(0, Read([.. SeekTable.Head, .. table.ToBytes()])?.Count);
        Assert.Null(Read(table.ToBytes()));
    }

    [Fact]
    public void A_file_has_a_head_when_it_begins_with_all_of_it()
    {
        byte[] head = [.. SeekTable.Head];
        for (int at = 0; at < head.Length; at++)
        {
            byte[] other = [.. head, 0];
            other[at]++;
            Assert.False(HasHead(other));
            Assert.False(HasHead(head[..at]));
        }

        Assert.True(HasHead(head));
        Assert.True(HasHead([.. head, 1, 2, 3]));

        bool HasHead(byte[] bytes)
        {
            File.WriteAllBytes(_path, bytes);
            using IDiskFile file = RealDisk.Instance.OpenRead(_path)!;
            return SeekTable.HasHead(file);
        }
    }

    // Invariants checked: whatever the size of the buffer, what is read is what was written, without the blocks that are damaged, each of which is told of
    // once; wherever it moves to, it goes on with that block's first line.
    [Fact]
    public void A_stream_of_blocks_gives_each_but_the_damaged_ones_and_goes_on_wherever_it_is_moved()
    {
        byte[][] blocks = [.. Enumerable.Range(0, 5).Select(i => System.Text.Encoding.UTF8.GetBytes($"block {i} has this line\nand {i} more\n"))];
        byte[] bytes = Zstd.Blocks(blocks);
        int third = blocks.Take(2).Sum(block => Zstd.OneFrame(block).Length);
        bytes[third] ^= 0x10;
        File.WriteAllBytes(_path, bytes);
        using IDiskFile file = RealDisk.Instance.OpenRead(_path)!;
        SeekTable table = SeekTable.TryRead(file, file.Length)!;
        byte[] good = [.. blocks[0], .. blocks[1], .. blocks[3], .. blocks[4]];
        foreach (int size in new[] { 1, 7, blocks[0].Length, 1_000 })
        {
            List<string> damage = [];
            using var stream = new BlockStream(file, table, isToBeReplaced: false, (problem, _) => damage.Add(problem));
            Assert.Equal((0, 5), (stream.NextBlock, stream.BlockCount));
            Assert.Equal(good, Rest(stream, size));
            Assert.Equal(["block 2 of 5 cannot be decoded"], damage);
            Assert.Equal(5, stream.NextBlock);
            stream.MoveTo(3);
            Assert.Equal(blocks[3][0], stream.ReadByte());
            Assert.Equal(4, stream.NextBlock);
            stream.MoveTo(1);
            Assert.Equal([.. blocks[1], .. blocks[3], .. blocks[4]], Rest(stream, size));
            Assert.Equal(2, damage.Count);
        }

        static byte[] Rest(BlockStream stream, int size)
        {
            var rest = new List<byte>();
            byte[] buffer = new byte[size + 2];
            while (stream.Read(buffer, 1, size) is > 0 and int count)
                rest.AddRange(buffer.AsSpan(1, count));
            Assert.Equal(0, stream.Read(buffer, 0, 1));
            return [.. rest];
        }
    }

    private SeekTable? Read(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        using IDiskFile file = RealDisk.Instance.OpenRead(_path)!;
        return SeekTable.TryRead(file, file.Length);
    }
}
