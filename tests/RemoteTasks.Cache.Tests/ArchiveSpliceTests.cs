using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;
using static RemoteTasks.Cache.Tests.Support.OneArchive;

namespace RemoteTasks.Cache.Tests;

/// <summary>Merges by an index, which copy what they do not understand: an archive that is not what its index says is left to those that read every line.</summary>
public sealed class ArchiveSpliceTests
{
    private const int Tasks = 3_000;
    private const int Middle = Tasks / 2;

    // Before all, in the midst, at the very second of a task, behind all; and nothing at all.
    private static readonly int[][] Merges = [[], [Tasks + 5], [Middle], [0], [Tasks + 5, Middle, 0]];

    public static TheoryData<string> Faults => [.. Fault.Keys];

    private static Dictionary<string, Action<string, byte[], SeekTable>> Fault { get; } = new(StringComparer.Ordinal)
    {
        ["a byte of the first block"] = (path, bytes, table) => Flip(path, bytes, table[0].Offset + (table[0].Compressed / 2)),
        ["a byte in the middle"] = (path, bytes, table) => Flip(path, bytes, table[table.Count / 2].Offset + (table[table.Count / 2].Compressed / 2)),
        ["a byte of the last block"] = (path, bytes, table) => Flip(path, bytes, table[table.Count - 1].Offset + (table[table.Count - 1].Compressed / 2)),
        ["a byte of the table"] = (path, bytes, _) => Flip(path, bytes, bytes.Length - 20),
        ["cut in its first block"] = (path, bytes, table) => File.WriteAllBytes(path, bytes[..(int)(table[0].Offset + 5)]),
        ["cut in the middle"] = (path, bytes, table) => File.WriteAllBytes(path, bytes[..(int)(table[table.Count / 2].Offset + 5)]),
        ["cut in its table"] = (path, bytes, _) => File.WriteAllBytes(path, bytes[..^5]),
        ["empty"] = (path, _, _) => File.WriteAllBytes(path, []),
    };

    [Fact]
    public void What_is_merged_by_an_index_is_in_order_among_what_was_there()
    {
        using TempCache cache = OneArchive.Of(Tasks);
        foreach (int[] starts in Merges)
        {
            using ArchiveWriter? written = Splice(cache, starts, static _ => { });
            Assert.Equal(Enumerable.Range(0, Tasks).Concat(starts).OrderDescending().Select(start => (long)start), RowsIn(written).Select(row => row.StartTime));
        }
    }

    // Invariants checked: the file is several times longer than what is read of it at once, its blocks lie across the bounds of that, and every line comes
    // out as it went in, wherever others come between; one second of it fills many blocks, in which the place of a line is looked for.
    [Fact]
    public void An_archive_longer_than_what_is_read_at_once_is_merged_into_wherever_lines_belong()
    {
        using TempCache cache = LongArchive.Fill();
        long[] starts = [.. Enumerable.Range(0, LongArchive.Tasks).Select(LongArchive.StartOf)];
        Assert.True(new FileInfo(PathOf(cache)).Length > 4 * (512 << 10));
        int[][] merges = [[], [LongArchive.Tasks + 5], [LongArchive.Second], [0], [LongArchive.Tasks, 900, LongArchive.Second, 7], [.. Enumerable.Range(0, 40).Select(i => i * (LongArchive.Tasks / 40)).Reverse()]];
        foreach (int[] merge in merges)
        {
            using ArchiveWriter? written = Splice(cache, merge, static _ => { });
            List<TaskRow> rows = RowsIn(written);
            Assert.Equal(starts.Concat(merge.Select(start => (long)start)).OrderDescending(), rows.Select(row => row.StartTime));
            foreach (TaskRow row in rows.Where(row => row.Node != "z"))
                Assert.Equal(LongArchive.StatusOf((int)row.Pid), row.Status);
        }
    }

    // Invariants checked: what nothing falls into is copied byte for byte. The frames are of another level than ours, so that what was compressed again shows.
    [Theory]
    [InlineData(Tasks, "", 0, 0)]
    [InlineData(4 * Limits.BlockLinesMax, "", 0, 0)]
    [InlineData(Tasks, "on top", 1, 1)]
    [InlineData(Tasks, "in the middle", 2, 2)]
    [InlineData(Tasks, "at the end", 0, 1)]
    [InlineData(3 * Limits.BlockLinesMax, "on top", 1, 1)]
    public void Blocks_that_nothing_falls_into_are_copied_as_they_are(int tasks, string where, int gone, int made)
    {
        using TempCache cache = OneArchive.Of(tasks);
        (IndexData data, byte[][] blocks) = ContentOf(cache);
        File.WriteAllBytes(PathOf(cache), Zstd.Blocks(blocks));
        cache.IsDamaged = true;
        Write(cache, data);
        int[] starts = where switch { "on top" => [tasks + 5], "in the middle" => [tasks / 2], "at the end" => [0], _ => [] };
        HashSet<string> before = [.. blocks.Select(block => Convert.ToHexString(Zstd.OneFrame(block)))];
        using ArchiveWriter? written = Splice(cache, starts, static _ => { });
        written!.Sync();
        using IDiskFile file = written.OpenWritten();
        SeekTable table = SeekTable.TryRead(file, file.Length)!;
        int copied = Enumerable.Range(0, table.Count).Count(i => before.Contains(Convert.ToHexString(Bytes(file, table[i].Offset, table[i].Compressed))));
        Assert.Equal((before.Count - gone, table.Count - made), (copied, copied));
    }

    // Invariants checked: wherever long lines come between others, in an archive whose blocks are full by their bytes, no block has more bytes than it may, unless it is a single line; and
    // every line comes out as it went in.
    [Fact]
    public void Long_lines_make_no_block_that_is_longer_than_it_may_be()
    {
        string[] status = [.. new[] { 2_000, 150_000, 600_000 }.Select(length => new string((char)('a' + (length % 7)), length))];
        using TempCache cache = OneArchive.Of([.. Enumerable.Range(0, 400).Select(start => Some.Finished(start * 2, status[start == 200 ? 2 : 0]))]);
        foreach (int[] merge in new int[][] { [700, 500, 399, 101], [801], [-1], [401, 403, 405, 407] })
        {
            TaskRecord[] added = [.. merge.Select(start => Some.Finished(Math.Max(1, start), status[1], upid: Some.Upid(Math.Max(1, start), node: "z")))];
            using ArchiveWriter? written = SpliceTasks(cache, [added], static _ => { });
            List<TaskRow> rows = RowsIn(written);
            Assert.Equal(Enumerable.Range(0, 400).Select(start => start * 2L).Concat(added.Select(task => task.StartTime)).OrderDescending(), rows.Select(row => row.StartTime));
            Assert.All(rows, row => Assert.Equal(status[row.Node == "z" ? 1 : row.StartTime == 400 ? 2 : 0], row.Status));
            using IDiskFile file = written!.OpenWritten();
            SeekTable table = SeekTable.TryRead(file, file.Length)!;
            Block[] blocks = [.. Enumerable.Range(0, table.Count).Select(i => table[i])];
            Assert.All(blocks, block => Assert.InRange(block.Decompressed, 1, block.Decompressed > 600_000 ? 601_000 : Limits.BlockBytesMax));
            Assert.Single(blocks, block => block.Decompressed > Limits.BlockBytesMax);
            Assert.InRange(blocks.Length, 4, 16);
        }
    }

    [Fact]
    public void Lines_come_in_parts_and_after_damage_no_further_part_is_asked_for()
    {
        using TempCache cache = OneArchive.Of(Tasks);
        int asked = 0;
        IEnumerable<int[]> Parts()
        {
            foreach (int[] part in (int[][])[[Tasks + 5, Tasks + 4], [Middle], [3, 0]])
            {
                asked++;
                yield return part;
            }
        }

        using (ArchiveWriter? written = SpliceParts(cache, Parts(), static _ => { }))
        {
            Assert.Equal(Tasks + 5, written!.Lines);
            Assert.Equal(3, asked);
        }

        asked = 0;
        byte[] whole = File.ReadAllBytes(PathOf(cache));
        Assert.Null(SpliceParts(cache, Parts(), archive => Fault["a byte of the first block"](PathOf(cache), whole, archive.Table!)));
        File.WriteAllBytes(PathOf(cache), whole);
        Assert.Equal(2, asked);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void An_archive_that_was_damaged_since_it_was_opened_is_not_merged_into_by_its_index(string fault)
    {
        using TempCache cache = OneArchive.Of(Tasks);
        string path = PathOf(cache);
        byte[] whole = File.ReadAllBytes(path);
        foreach (int[] starts in Merges)
        {
            Assert.Null(Splice(cache, starts, archive => Fault[fault](path, whole, archive.Table!)));
            File.WriteAllBytes(path, whole);
        }
    }

    // Sums are right, and rows lie in other blocks than the index says.
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void An_index_that_is_wrong_about_where_rows_lie_is_found_out(int shift)
    {
        using TempCache cache = OneArchive.Of(Tasks);
        (IndexData data, _) = ContentOf(cache);
        cache.IsDamaged = true;
        Write(cache, data with { BlockRows = [0, .. data.BlockRows.Skip(1).Select(row => row + shift)] });
        int[] borders = [.. data.BlockRows.Select(row => Tasks - 1 - row)];
        Assert.Null(Splice(cache, borders, static _ => { }));
        Assert.Null(Splice(cache, [.. borders.Select(start => start - 1).Where(start => start >= 0)], static _ => { }));
    }

    [Fact]
    public void Lines_that_are_no_tasks_are_found_out_where_one_has_to_be_understood()
    {
        using TempCache cache = OneArchive.Of(Tasks);
        (IndexData data, byte[][] blocks) = ContentOf(cache);
        foreach (byte[] block in blocks)
            block.AsSpan().Replace((byte)'{', (byte)'[');
        File.WriteAllBytes(PathOf(cache), Zstd.Blocks(blocks));
        cache.IsDamaged = true;
        Write(cache, data);
        Assert.Null(Splice(cache, [Middle], static _ => { }));
    }

    /// <summary>What was merged, read back; nothing of it is damaged.</summary>
    private static List<TaskRow> RowsIn(ArchiveWriter? written)
    {
        Assert.NotNull(written);
        written.Sync();
        using IDiskFile file = written.OpenWritten();
        List<Damage> damage = [];
        using var rows = new ArchiveSource(file, new ArchiveName(0, Compressed: true), Some.AnyTime, damage);
        var found = new List<TaskRow>();
        while (rows.MoveNext())
            found.Add(new TaskRow(rows.Current));
        Assert.Equal(found.Count, written.Lines);
        Assert.Empty(damage);
        return found;
    }

    /// <summary>The index of the archive, and its blocks, decoded.</summary>
    private static (IndexData Index, byte[][] Blocks) ContentOf(TempCache cache)
    {
        byte[][] blocks = Using(cache, static archive => (byte[][])[.. Enumerable.Range(0, archive.Table!.Count)
            .Select(block => archive.Decode(block, new DecodedBlock())!.Content.ToArray())]);
        return (DataOf(cache), blocks);
    }

    private static byte[] Bytes(IDiskFile file, long offset, int length)
    {
        byte[] bytes = new byte[length];
        Assert.Equal(length, file.Read(offset, bytes));
        return bytes;
    }

    /// <summary>Merges other tasks that began at some times, after something happened to the open archive; null when the archive is not what its index says.</summary>
    private static ArchiveWriter? Splice(TempCache cache, int[] starts, Action<ArchiveIndex> meanwhile) => SpliceParts(cache, [starts], meanwhile);

    private static ArchiveWriter? SpliceParts(TempCache cache, IEnumerable<int[]> parts, Action<ArchiveIndex> meanwhile) =>
        SpliceTasks(cache, parts.Select(starts => (TaskRecord[])[.. starts.Select(start => Some.Finished(start, upid: Some.Upid(start, node: "z")))]), meanwhile);

    private static ArchiveWriter? SpliceTasks(TempCache cache, IEnumerable<TaskRecord[]> parts, Action<ArchiveIndex> meanwhile)
    {
        IndexLoader loader = Loader(cache);
        ArchiveIndex archive = loader.Load(loader.TryOpen(NameOf(cache))!, Some.AnyTime);
        Assert.True(ArchiveSplice.IsFor(archive));
        var writer = new ArchiveWriter(RealDisk.Instance, cache.Path, compressed: true, archive.Columns);
        try
        {
            meanwhile(archive);
            using var splice = new ArchiveSplice(archive, writer);
            if (splice.TryWrite(parts.Select(Lines)))
                return writer;
            writer.Dispose();
            return null;
        }
        finally
        {
            archive.Release();
        }

        static SortedLines Lines(TaskRecord[] tasks)
        {
            // What is sorted lies in its memory, which stays.
            BatchLines lines = BatchLines.Of([], tasks);
            return lines.ToSorted();
        }
    }
}
