using System.Text;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;
using ZstdSharp;

namespace RemoteTasks.Cache.Tests;

/// <summary>Leaps in an archive against reading it line by line.</summary>
public sealed class ArchiveSourceTests
{
    // Invariants checked: for every start time there is, between any two, and beyond both ends, a skip followed by reading gives what
    // reading from the beginning gives; also when some lines were read before, and when one skip follows another.
    [Theory]
    [InlineData("plain")]
    [InlineData("sealed")]
    [InlineData("blocks")]
    [InlineData("frame")]
    public void A_skip_lands_where_reading_on_would(string form)
    {
        using var directory = new TempCache();
        var random = new Random(5);
        TaskRecord[] tasks = [.. Enumerable.Range(0, 6_000).Select(i => Some.Finished(
            2_000 + (i / 3 * 2), i % 50 == 0 ? new string('s', random.Next(4_000)) : "OK", upid: Some.Upid(2_000 + (i / 3 * 2), pid: i % 3)))];
        byte[] lines = [.. tasks.OrderByDescending(task => task.StartTime).ThenBy(task => task.Upid, StringComparer.Ordinal).SelectMany(task => task.ToLine().Append((byte)'\n'))];
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, form, lines);
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        List<Damage> damage = [];
        var name = new ArchiveName(0, Compressed: form is "blocks" or "frame");
        ArchiveSource Open() => new(file, name, Some.AnyTime, damage);

        List<(long Start, string Upid)> all = Rest(Open(), int.MaxValue);
        Assert.Equal(6_000, all.Count);
        int stride = form == "frame" ? 397 : 23;
        for (long start = 1_990; start < 6_010; start += stride)
        {
            List<(long, string)> expected = [.. all.SkipWhile(line => line.Start > start).Take(5)];
            ArchiveSource source = Open();
            source.SkipTo(start);
            Assert.Equal(expected, Rest(source, 5));

            source = Open();
            int read = random.Next(1, 200);
            for (int i = 0; i < read; i++)
                Assert.True(source.MoveNext());
            source.SkipTo(start + random.Next(50));
            source.SkipTo(start);
            Assert.Equal([.. all.Skip(read).SkipWhile(line => line.Start > start).Take(5)], Rest(source, 5));
        }

        Assert.Empty(damage);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("blocks")]
    public void A_skip_reads_a_small_part_of_what_it_passes_over(string form)
    {
        using var directory = new TempCache();
        byte[] lines = [.. Enumerable.Range(1_000, 20_000).Reverse().SelectMany(start => Some.Finished(start).ToLine().Append((byte)'\n'))];
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, form, lines);
        foreach (long start in new[] { 18_000, 11_000, 3_000, 1_001 })
        {
            var disk = new HookedDisk();
            using IDiskFile file = disk.OpenRead(path)!;
            var source = new ArchiveSource(file, new ArchiveName(0, Compressed: form != "plain"), Some.AnyTime, []);
            source.SkipTo(start);
            Assert.Equal([start, start - 1], Rest(source, 2).Select(row => row.Start));
            Assert.InRange(disk.BytesRead, 1, Math.Min(file.Length / 5, 400 << 10));
        }
    }

    // Frames are whole by themselves: a file that ends with one would pass for a shorter file.
    [Fact]
    public void An_archive_that_was_cut_between_two_blocks_gives_what_is_left_and_says_that_its_end_is_missing()
    {
        using var directory = new TempCache();
        TaskRecord[] tasks = [.. Enumerable.Range(0, 1_000).Select(i => Some.Finished(9_000 - i))];
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, "blocks", [.. tasks.SelectMany(task => task.ToLine().Append((byte)'\n'))], blocksMin: 3);
        byte[] whole = File.ReadAllBytes(path);
        Block[] blocks = Blocks(path);
        for (int left = 0; left < blocks.Length; left++)
        {
            File.WriteAllBytes(path, whole[..(int)blocks[left].Offset]);
            List<Damage> damage = [];
            using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
            List<(long Start, string Upid)> rows = Rest(new ArchiveSource(file, new ArchiveName(1_000, Compressed: true), new TimeBounds(1_000, 10_000), damage), int.MaxValue);
            Assert.Equal(tasks.Take(rows.Count).Select(task => task.StartTime), rows.Select(row => row.Start));
            Assert.True(left == 0 ? rows.Count == 0 : rows.Count >= left);
            Assert.Equal((1_000, rows.Count == 0 ? 10_000 : rows[^1].Start), damage.Select(part => (part.From, part.To)).Single());
        }

        static Block[] Blocks(string path)
        {
            using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
            SeekTable table = SeekTable.TryRead(file, file.Length)!;
            return [.. Enumerable.Range(0, table.Count).Select(i => table[i])];
        }
    }

    [Fact]
    public void A_line_that_stands_behind_an_older_one_is_passed_over_and_named()
    {
        using var directory = new TempCache();
        string path = Path.Combine(directory.Root, "file");
        File.WriteAllBytes(path, [.. new long[] { 1_010, 1_000, 1_005, 1_004, 990 }.SelectMany(start => Some.Finished(start).ToLine().Append((byte)'\n'))]);
        List<Damage> damage = [];
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        Assert.Equal([1_010, 1_000, 990], Rest(new ArchiveSource(file, new ArchiveName(0, Compressed: false), Some.AnyTime, damage), 9).Select(row => row.Start));
        Assert.Equal(new Damage("archive.0", 990, 1_000, 2, "the line belongs before its predecessor"), Assert.Single(damage));
    }

    // How many lines there are is not known any more after a skip; that the last one is there is.
    [Fact]
    public void Behind_a_skip_what_is_damaged_or_missing_is_still_told_of()
    {
        using var directory = new TempCache();
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, "sealed", [.. Enumerable.Range(0, 2_000).SelectMany(i => Some.Finished(3_000 - i).ToLine().Append((byte)'\n'))]);
        byte[] whole = File.ReadAllBytes(path);
        int last = whole.AsSpan(..^1).LastIndexOf((byte)'\n') + 1;
        byte[] turned = [.. whole];
        turned[last + 40] ^= 1;
        Assert.Equal(
            [
                (1_999, null, 0),
                (1_998, new Damage("archive.0", 0, 1_002, 0, "lines at the end are missing"), 0),
                (1_998, new Damage("archive.0", 0, 1_002, 1, LineSeal.Broken), 0),
            ],
            new[] { whole, whole[..last], turned }.Select(Skip));

        (int Lines, Damage? Damage, int More) Skip(byte[] bytes)
        {
            File.WriteAllBytes(path, bytes);
            using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
            List<Damage> damage = [];
            var source = new ArchiveSource(file, new ArchiveName(0, Compressed: false), Some.AnyTime, damage);
            Assert.True(source.MoveNext());
            source.SkipTo(1_500);
            int lines = Rest(source, int.MaxValue).Count;
            return (lines + 1_499, damage.FirstOrDefault(), Math.Max(0, damage.Count - 1));
        }
    }

    // Invariants checked: where what lies between cannot be understood, or is one line of many kilobytes, a skip ends where reading on would.
    [Theory]
    [InlineData("plain", "rubbish in the middle")]
    [InlineData("plain", "a long line at the end")]
    [InlineData("plain", "nothing but a long line")]
    [InlineData("blocks", "rubbish in the middle")]
    [InlineData("blocks", "a block without a last newline")]
    [InlineData("blocks", "a damaged block in the middle")]
    public void A_skip_over_what_cannot_be_understood_lands_where_reading_on_would(string form, string content)
    {
        using var directory = new TempCache();
        byte[][] lines = [.. Enumerable.Range(0, 2_000).Select(i => Some.Finished(3_000 - i).ToLine().Append((byte)'\n').ToArray())];
        if (content == "rubbish in the middle")
        {
            foreach (byte[] line in lines[700..1_300])
                line[0] = (byte)'[';
        }
        else if (content.EndsWith("long line at the end", StringComparison.Ordinal) || content.EndsWith("but a long line", StringComparison.Ordinal))
        {
            byte[] last = [.. Some.Finished(1_000, new string('s', 600_000)).ToLine(), (byte)'\n'];
            lines = content.StartsWith("nothing", StringComparison.Ordinal) ? [last] : [.. lines, last];
        }

        byte[][] blocks = [.. lines.Chunk(100).Select(some => some.SelectMany(line => line).ToArray())];
        if (content == "a block without a last newline")
            blocks[10] = blocks[10][..^1];
        byte[] bytes = form == "plain" ? [.. lines.SelectMany(line => line)] : Zstd.Blocks(blocks);
        if (content == "a damaged block in the middle")
            bytes.AsSpan(bytes.Length / 2, 40).Clear();
        string path = Path.Combine(directory.Root, "file");
        File.WriteAllBytes(path, bytes);
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        ArchiveSource Open() => new(file, new ArchiveName(0, Compressed: form != "plain"), Some.AnyTime, new List<Damage>());
        List<(long Start, string Upid)> all = Rest(Open(), int.MaxValue);
        Assert.InRange(all.Count, lines.Length == 1 ? 1 : 1_300, 2_001);
        for (long start = 3_050; start > 990; start -= 97)
        {
            // What was read before lies in memory, further than what was given out.
            foreach (int read in new[] { 0, 1, 7 })
            {
                ArchiveSource source = Open();
                for (int i = 0; i < read; i++)
                    source.MoveNext();
                source.SkipTo(start);
                Assert.Equal(all.Skip(read).SkipWhile(line => line.Start > start).Take(3), Rest(source, 3));
            }
        }
    }

    // A probe that fails costs time; what follows it is still read.
    [Theory]
    [InlineData("plain", 0)]
    [InlineData("plain", 10)]
    [InlineData("blocks", 0)]
    [InlineData("blocks", 10)]
    public void A_skip_whose_first_look_the_disk_does_not_give_lands_where_reading_on_would(string form, int read)
    {
        var disk = new HookedDisk();
        using var directory = new TempCache();
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, form, [.. Enumerable.Range(0, 2_000).SelectMany(i => Some.Finished(3_000 - i).ToLine().Append((byte)'\n'))]);
        using IDiskFile file = disk.OpenRead(path)!;
        List<Damage> damage = [];
        var source = new ArchiveSource(file, new ArchiveName(0, Compressed: form != "plain"), Some.AnyTime, damage);
        for (int i = 0; i < read; i++)
            Assert.True(source.MoveNext());
        disk.Hook = _ =>
        {
            disk.Hook = static _ => { };
            throw new IOException("Input/output error");
        };
        source.SkipTo(1_500);
        Assert.Equal([1_500, 1_499, 1_498], Rest(source, 3).Select(row => row.Start));
        Assert.Empty(damage);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("blocks")]
    public void A_skip_in_a_file_that_was_cut_since_it_was_opened_ends_with_what_is_left(string form)
    {
        using var directory = new TempCache();
        string path = Path.Combine(directory.Root, "file");
        Write(directory, path, form, [.. Enumerable.Range(0, 2_000).SelectMany(i => Some.Finished(3_000 - i).ToLine().Append((byte)'\n'))]);
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        List<Damage> damage = [];
        var name = new ArchiveName(0, Compressed: form != "plain");
        ArchiveSource[] sources = [new(file, name, Some.AnyTime, damage), new(file, name, Some.AnyTime, damage)];
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 4)]);
        sources[0].SkipTo(1_500);
        Assert.Empty(Rest(sources[0], 3));
        sources[1].SkipTo(2_900);
        Assert.Equal([2_900, 2_899, 2_898], Rest(sources[1], 3).Select(row => row.Start));
        Assert.Equal(form == "plain" ? 0 : 1, damage.Count);
    }

    private static void Write(TempCache directory, string path, string form, byte[] lines, int blocksMin = 6)
    {
        if (form == "plain")
        {
            File.WriteAllBytes(path, lines);
            return;
        }

        if (form == "frame")
        {
            using var compressor = new Compressor(3);
            File.WriteAllBytes(path, compressor.Wrap(lines).ToArray());
            return;
        }

        using var writer = new ArchiveWriter(RealDisk.Instance, directory.Root, compressed: form == "blocks");
        foreach (string line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(new LineParser().TryParse(Encoding.UTF8.GetBytes(line), out TaskLine parsed, out _));
            writer.Write(parsed);
        }

        writer.Sync();
        var name = new ArchiveName(7, Compressed: form == "blocks");
        writer.Place(name);
        RealDisk.Instance.Rename(Path.Combine(directory.Root, name.ToString()), path);
        using IDiskFile file = RealDisk.Instance.OpenRead(path)!;
        Assert.True(!name.Compressed || SeekTable.TryRead(file, file.Length)?.Count >= blocksMin);
    }

    private static List<(long Start, string Upid)> Rest(ArchiveSource source, int count)
    {
        var rows = new List<(long, string)>();
        using (source)
        {
            while (rows.Count < count && source.MoveNext())
                rows.Add((source.Current.StartTime, Encoding.UTF8.GetString(source.Current.Upid.Span)));
        }

        return rows;
    }
}
