using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Merges by an index, which copy what they do not understand: an archive that is not what its index says is left to those that read every line.</summary>
public sealed class ArchiveSpliceTests
{
    private const int Tasks = 3_000;
    private const int Middle = Tasks / 2;
    private const int LongTasks = 1_800;
    private const int Second = 500;

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
        using TempCache cache = Filled();
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
        using TempCache cache = FilledLong();
        long[] starts = [.. Enumerable.Range(0, LongTasks).Select(StartOfLong)];
        Assert.True(new FileInfo(PathOf(cache)).Length > 4 * (512 << 10));
        int[][] merges = [[], [LongTasks + 5], [Second], [0], [LongTasks, 900, Second, 7], [.. Enumerable.Range(0, 40).Select(i => i * (LongTasks / 40)).Reverse()]];
        foreach (int[] merge in merges)
        {
            using ArchiveWriter? written = Splice(cache, merge, static _ => { });
            List<TaskRow> rows = RowsIn(written);
            Assert.Equal(starts.Concat(merge.Select(start => (long)start)).OrderDescending(), rows.Select(row => row.StartTime));
            foreach (TaskRow row in rows.Where(row => row.Node != "z"))
                Assert.Equal(Noise((int)row.Pid), row.Status);
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
        using TempCache cache = Filled(tasks: tasks);
        (IndexData data, byte[][] blocks) = ContentOf(cache);
        File.WriteAllBytes(PathOf(cache), Zstd.Blocks(blocks));
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

    [Fact]
    public void Lines_come_in_parts_and_after_damage_no_further_part_is_asked_for()
    {
        using TempCache cache = Filled();
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

    // Invariants checked: whichever read of the archive fails, once, the merge fails, leaves nothing behind, and everything is there when it is done again.
    [Fact]
    public void A_read_that_fails_in_the_midst_of_a_merge_fails_the_merge_and_leaves_no_file_behind()
    {
        var disk = new HookedDisk();
        using TempCache cache = FilledLong(disk);
        string name = NameOf(cache).ToString();
        int failures = 0;
        for (int failing = 1; failing == failures + 1; failing++)
        {
            cache.Add(Some.Finished(LongTasks + failing));
            int left = failing;
            disk.Hook = call =>
            {
                if (call == $"read {name}" && --left == 0)
                    throw new IOException("Input/output error");
            };
            if (Record.Exception(() => cache.Apply()) is { } error)
            {
                Assert.Equal("Input/output error", Assert.IsType<IOException>(error).Message);
                failures++;
            }

            Assert.Equal(left > 0, failures < failing);
            disk.Hook = static _ => { };
            Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
            Assert.Equal(LongTasks + failing, cache.List(new TaskQuery { Limit = 1 }).Total);
        }

        Assert.True(failures > 4, $"{failures} reads are few");
    }

    // Invariants checked: a few lines on top, again and again, make neither blocks that grow without end nor many small ones.
    [Fact]
    public void A_block_that_takes_in_a_few_lines_is_divided_when_it_has_grown()
    {
        using TempCache cache = Filled();
        for (int round = 1; round <= 60; round++)
        {
            cache.Add([.. Enumerable.Range(0, 20).Select(i => Some.Finished(Tasks + (20 * round) + i))]);
            cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            ArchiveIndex archive = Assert.Single(reader.Snapshot.Archives);
            int[] lines = [.. Enumerable.Range(0, archive.Table!.Count).Select(i => archive.RowsOf(i).To - archive.RowsOf(i).From)];
            Assert.All(lines, count => Assert.InRange(count, 1, Limits.BlockLinesMax * 3 / 2));
            Assert.InRange(lines.Length, 1, 3 + (archive.Rows / (Limits.BlockLinesMax / 2)));
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void An_archive_that_was_damaged_since_it_was_opened_is_not_merged_into_by_its_index(string fault)
    {
        using TempCache cache = Filled();
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
        using TempCache cache = Filled();
        (IndexData data, _) = ContentOf(cache);
        Write(cache, data with { BlockRows = [0, .. data.BlockRows.Skip(1).Select(row => row + shift)] });
        int[] borders = [.. data.BlockRows.Select(row => Tasks - 1 - row)];
        Assert.Null(Splice(cache, borders, static _ => { }));
        Assert.Null(Splice(cache, [.. borders.Select(start => start - 1).Where(start => start >= 0)], static _ => { }));
    }

    [Fact]
    public void Lines_that_are_no_tasks_are_found_out_where_one_has_to_be_understood()
    {
        using TempCache cache = Filled();
        (IndexData data, byte[][] blocks) = ContentOf(cache);
        foreach (byte[] block in blocks)
            block.AsSpan().Replace((byte)'{', (byte)'[');
        File.WriteAllBytes(PathOf(cache), Zstd.Blocks(blocks));
        Write(cache, data);
        Assert.Null(Splice(cache, [Middle], static _ => { }));
    }

    [Fact]
    public void What_an_apply_finds_damaged_under_its_index_is_merged_line_by_line_and_told_of()
    {
        var disk = new HookedDisk();
        using TempCache cache = Filled(disk);
        cache.IsDamaged = true;
        cache.Add(Some.Finished(Tasks + 1));
        string path = PathOf(cache);
        disk.Hook = call =>
        {
            if (call != $"read {Path.GetFileName(path)}")
                return;
            disk.Hook = static _ => { };
            byte[] bytes = File.ReadAllBytes(path);
            Flip(path, bytes, bytes.Length / 2);
        };
        ApplyResult result = cache.Apply();
        Assert.Equal((1, 1), (result.Rows, result.Files));
        Damage damage = Assert.Single(result.Damage);
        Assert.Equal(damage, Assert.Single(cache.State().Repairs).Damage with { Lines = damage.Lines });
        long[] starts = cache.Starts();
        Assert.Equal(Tasks + 1, starts[0]);
        Assert.Equal(Tasks + 1 - Limits.BlockLinesMax, starts.Length);
        Assert.All(Enumerable.Range(0, Tasks).Select(start => (long)start).Except(starts), start => Assert.InRange(start, damage.From, damage.To));
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
    }

    // Invariants checked: whatever is merged, and however often, no block has more lines or bytes than it may have, few are small, and every task is there.
    [Theory]
    [InlineData(1_500, 0)]
    [InlineData(200, 6_000)]
    [InlineData(8, 200_000)]
    public void Blocks_stay_within_their_bounds_whatever_is_merged(int tasks, int statusLengthMax)
    {
        var random = new Random(11);
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = 64 << 20 });
        var statuses = new SortedDictionary<long, string>();
        long bytes = 0;
        for (int round = 0; round < 8; round++)
        {
            TaskRecord[] batch = [.. Enumerable.Range(0, tasks).Select(_ => (long)random.Next(1 << 20)).Distinct()
                .Select(start => Some.Finished(start, $"s{new string('x', random.Next(statusLengthMax + 1))}"))];
            foreach (TaskRecord task in batch)
                statuses[task.StartTime] = task.Status!;
            cache.Add(batch);
            cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            ArchiveIndex archive = Assert.Single(reader.Snapshot.Archives);
            (int Lines, int Bytes)[] blocks = [.. Enumerable.Range(0, archive.Table!.Count).Select(i => (archive.RowsOf(i).To - archive.RowsOf(i).From, archive.Table[i].Decompressed))];
            bytes = blocks.Sum(block => (long)block.Bytes);
            Assert.All(blocks, block => Assert.True(block.Lines <= Limits.BlockLinesMax && (block.Bytes <= Limits.BlockBytesMax || block.Lines == 1), $"{block}"));
            Assert.InRange(blocks.Length, 1, 2 + (3 * ((statuses.Count / Limits.BlockLinesMax) + (bytes / Limits.BlockBytesMax))));
            Assert.Equal(statuses.Count, archive.Rows);
        }

        Assert.True(bytes > Limits.BlockBytesMax * 2, $"{bytes} bytes are few");
        Assert.Equal(statuses.Reverse().Select(task => task.Value), cache.List().Rows.Select(row => row.Status));
    }

    [Fact]
    public void Merged_archives_are_synced_then_put_in_place_and_their_names_durable_before_the_journal_is_emptied()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(3000, TempCache.Small with { PlainFiles = 0, RotateAfter = TimeSpan.FromSeconds(1000), RetainFilesMax = null, InitialFiles = 2, Disk = disk });
        cache.Add(Some.Finished(2000), Some.Finished(3000));
        cache.Apply();
        cache.Add(Some.Finished(2001), Some.Finished(3001));
        var calls = new List<string>();
        disk.Hook = call =>
        {
            if ((call.StartsWith("sync", StringComparison.Ordinal) || call.StartsWith("rename", StringComparison.Ordinal)) && !call.EndsWith(".idx", StringComparison.Ordinal))
                calls.Add(call.EndsWith(".tmp", StringComparison.Ordinal) ? "sync of a new file" : call);
        };
        ApplyResult result = cache.Apply();
        disk.Hook = static _ => { };
        Assert.Equal((2, 2), (result.Rows, result.Files));
        Assert.Equal(
            ["rename archive.2000.zst", "rename archive.3000.zst", "sync of a new file", "sync of a new file"],
            calls.TakeWhile(call => call != "syncdir remote-tasks").Order(StringComparer.Ordinal));
        Assert.Equal(["sync of a new file", "sync of a new file"], calls.Take(2));
        Assert.Equal("rename journal", calls.First(call => call.EndsWith(" journal", StringComparison.Ordinal)));
        Assert.True(calls.IndexOf("syncdir remote-tasks") < calls.IndexOf("rename journal"));
        Assert.Equal([3001, 3000, 2001, 2000], cache.Starts());
    }

    /// <summary>One compressed archive of many blocks, with its index.</summary>
    private static TempCache Filled(IDisk? disk = null, int tasks = Tasks) => Filled(disk, [.. Enumerable.Range(0, tasks).Select(start => Some.Finished(start))]);

    /// <summary>The same, of some MiB that cannot be made shorter, a third of its tasks of one second.</summary>
    private static TempCache FilledLong(IDisk? disk = null) =>
        Filled(disk, [.. Enumerable.Range(0, LongTasks).Select(i => Some.Finished(StartOfLong(i), Noise(i), upid: Some.Upid(StartOfLong(i), pid: i)))]);

    private static TempCache Filled(IDisk? disk, TaskRecord[] tasks)
    {
        var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = 64 << 20, Disk = disk ?? RealDisk.Instance });
        cache.Add(tasks);
        cache.Apply();
        return cache;
    }

    private static long StartOfLong(int task) => task is >= Second and < Second + (LongTasks / 3) ? Second : task;

    private static string Noise(int seed)
    {
        byte[] bytes = new byte[1500];
        new Random(seed).NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>What was merged, read back; nothing of it is damaged.</summary>
    private static List<TaskRow> RowsIn(ArchiveWriter? written)
    {
        Assert.NotNull(written);
        written.Sync();
        using IDiskFile file = written.OpenWritten();
        List<Damage> damage = [];
        using var rows = new ArchiveSource(file, new ArchiveName(0, Compressed: true), long.MaxValue, damage);
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
        IndexData data = null!;
        byte[][] blocks = [];
        Splice(cache, [], archive =>
        {
            data = new IndexData(archive.Rows, archive.Columns.All(), archive.Columns.Dictionaries(), RowsOf(archive));
            blocks = [.. Enumerable.Range(0, archive.Table!.Count).Select(block => archive.Decode(block, new DecodedBlock())!.Content.ToArray())];
        })?.Dispose();
        return (data, blocks);
    }

    private static byte[] Bytes(IDiskFile file, long offset, int length)
    {
        byte[] bytes = new byte[length];
        Assert.Equal(length, file.Read(offset, bytes));
        return bytes;
    }

    private static ArchiveName NameOf(TempCache cache) => Assert.Single(ArchiveList.Read(RealDisk.Instance, cache.Path).Names);

    private static string PathOf(TempCache cache) => cache.PathOf(NameOf(cache).ToString());

    private static int[] RowsOf(ArchiveIndex archive) => [.. Enumerable.Range(0, archive.Table!.Count).Select(block => archive.RowsOf(block).From)];

    private static void Flip(string path, byte[] whole, long at)
    {
        byte[] bytes = [.. whole];
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Puts an index beside the archive that is the archive's as far as sums tell.</summary>
    private static void Write(TempCache cache, IndexData data)
    {
        using IDiskFile archive = RealDisk.Instance.OpenRead(PathOf(cache))!;
        using var file = new AtomicFile(RealDisk.Instance, cache.Path);
        IndexFile.Write(data, archive.Length, IndexLoader.Digest(archive), file);
        file.Sync();
        file.Place(IndexFile.NameOf(NameOf(cache).Epoch));
        cache.IsDamaged = true;
    }

    /// <summary>Merges other tasks that began at some times, after something happened to the open archive; null when the archive is not what its index says.</summary>
    private static ArchiveWriter? Splice(TempCache cache, int[] starts, Action<ArchiveIndex> meanwhile) => SpliceParts(cache, [starts], meanwhile);

    private static ArchiveWriter? SpliceParts(TempCache cache, IEnumerable<int[]> parts, Action<ArchiveIndex> meanwhile)
    {
        var loader = new IndexLoader(
            RealDisk.Instance, cache.Path, new ByteCache<BlockKey, DecodedBlock>(1 << 20), new ByteCache<PartKey, object>(1 << 20), new FreshIndexes());
        ArchiveIndex archive = loader.Load(loader.TryOpen(NameOf(cache))!, long.MaxValue);
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

        static SortedLines Lines(int[] starts)
        {
            using BatchLines lines = BatchLines.Of([], [.. starts.Select(start => Some.Finished(start, upid: Some.Upid(start, node: "z")))]);
            return lines.ToSorted();
        }
    }
}
