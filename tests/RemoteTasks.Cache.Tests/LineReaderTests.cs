using System.Text;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Lines out of streams that give a few bytes at a time, and seek tables.</summary>
public sealed class LineReaderTests
{
    // Invariants checked: however the stream is cut, the lines, their offsets and the last one's missing newline are those of Split.
    [Fact]
    public void Lines_do_not_depend_on_how_the_stream_is_cut()
    {
        var random = new Random(3);
        for (int run = 0; run < 400; run++)
        {
            string[] lines = [.. Enumerable.Range(0, random.Next(20)).Select(_ => new string((char)random.Next('a', 'z'), random.Next(random.Next(2) == 0 ? 5 : 300)))];
            bool isEnded = random.Next(2) == 0;
            byte[] content = Encoding.UTF8.GetBytes(string.Join('\n', lines) + (isEnded && lines.Length > 0 ? "\n" : ""));
            var reader = new LineReader(new ChunkedStream(content, random), static () => { }, bufferBytes: random.Next(1, 64));
            var read = new List<string>();
            while (reader.TryRead(out ReadOnlyMemory<byte> line))
            {
                read.Add(Encoding.UTF8.GetString(line.Span));
                Assert.Equal(read.Sum(text => text.Length + 1) - (reader.IsTerminated ? 0 : 1), reader.Offset);
            }

            Assert.Equal(lines.Length > 0 && !isEnded && lines[^1].Length == 0 ? lines[..^1] : lines, read);
            Assert.Equal(content.Length, reader.Offset);
        }
    }

    [Theory]
    [InlineData(Limits.LineBytesMax - 1)]
    [InlineData(Limits.LineBytesMax)]
    [InlineData(Limits.LineBytesMax + 1)]
    [InlineData(3 * Limits.LineBytesMax)]
    public void A_line_that_is_too_long_is_passed_over_and_those_around_it_are_read(int length)
    {
        byte[] content = Encoding.UTF8.GetBytes("before\n" + new string('x', length) + "\nafter\nlast");
        var reader = new LineReader(new MemoryStream(content), static () => { });
        var read = new List<(int Length, string Start)>();
        while (reader.TryRead(out ReadOnlyMemory<byte> line))
            read.Add((line.Length, Encoding.UTF8.GetString(line.Span[..Math.Min(6, line.Length)])));
        Assert.Equal(["before", "xxxxxx", "after", "last"], read.Select(line => line.Start));
        Assert.Equal(length > Limits.LineBytesMax, read[1].Length > Limits.LineBytesMax);
        Assert.Equal(content.Length, reader.Offset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_seek_table_says_what_was_put_in_and_any_changed_byte_or_length_makes_it_no_table_or_the_same_sizes(bool hasHead)
    {
        using var directory = new TempCache();
        for (int count = 0; count < 4; count++)
        {
            var table = new SeekTable();
            if (hasHead)
                table.AddHead();
            for (int i = 1; i <= count; i++)
                table.Add(i * 10, i * 100);
            byte[] frames = [.. hasHead ? SeekTable.Head : [], .. new byte[Enumerable.Range(1, count).Sum(i => i * 10)]];
            byte[] bytes = [.. frames, .. table.ToBytes()];
            SeekTable same = Assert.IsType<SeekTable>(Read(directory, bytes));
            Assert.Equal(Enumerable.Range(0, count).Select(i => table[i]), Enumerable.Range(0, same.Count).Select(i => same[i]));
            for (int i = frames.Length; i < bytes.Length; i++)
            {
                Assert.Null(Read(directory, bytes[..i]));
                byte[] changed = [.. bytes];
                changed[i] ^= 0x81;

                // The size of a block's content is only checked when the block is decoded; that of the head, which has none, makes it a block that is none.
                if (Read(directory, changed) is { } hostile && hostile.Count == count)
                    Assert.Equal(Enumerable.Range(0, count).Select(block => table[block].Compressed), Enumerable.Range(0, count).Select(block => hostile[block].Compressed));
            }
        }
    }

    private static SeekTable? Read(TempCache directory, byte[] content)
    {
        string path = Path.Combine(directory.Root, "table");
        File.WriteAllBytes(path, content);
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        return SeekTable.TryRead(file, file.Length);
    }

    private sealed class ChunkedStream(byte[] content, Random random) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, random.Next(1, 9))]);
    }
}
