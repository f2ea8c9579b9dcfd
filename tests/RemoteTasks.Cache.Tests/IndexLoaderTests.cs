using System.Buffers.Binary;
using System.IO.Hashing;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;
using static RemoteTasks.Cache.Tests.Support.OneArchive;

namespace RemoteTasks.Cache.Tests;

/// <summary>Archives that are opened for querying, with an index beside them that anybody may have written, or with none.</summary>
public sealed class IndexLoaderTests
{
    private const int Tasks = 1_000;
    private const int HeadersBytes = 64;
    private const int HeadBytes = 24;
    private const int HeadsBytes = 17 * HeadBytes;

    public static TheoryData<string> Lies => [.. Lie.Keys];

    public static TheoryData<string, long, long> Places => new()
    {
        { "before the file", -1, 8 },
        { "of less than nothing", 500, -1 },
        { "behind the file", 1L << 40, 8 },
        { "longer than the file", 500, 1L << 40 },
        { "longer than any file", 500, long.MaxValue },
    };

    private static Dictionary<string, Func<IndexData, IndexData>> Lie { get; } = new(StringComparer.Ordinal)
    {
        ["blocks that begin behind the first row"] = data => data with { BlockRows = [1, .. data.BlockRows[1..]] },
        ["two blocks that begin with one row"] = data => data with { BlockRows = [0, data.BlockRows[2], .. data.BlockRows[2..]] },
        ["blocks that go backwards"] = data => data with { BlockRows = [0, data.BlockRows[2], data.BlockRows[1], .. data.BlockRows[3..]] },
        ["a block behind the last row"] = data => data with { BlockRows = [.. data.BlockRows[..^1], data.Rows] },
        ["one block less"] = data => data with { BlockRows = data.BlockRows[..^1] },
        ["start times of two bytes"] = data => With(data, TaskColumn.Start, new ColumnData(new byte[data.Rows * 2], 2)),
        ["process ids of two bytes"] = data => With(data, TaskColumn.Process, new ColumnData(new byte[data.Rows * 2], 2)),
        ["durations of one byte"] = data => With(data, TaskColumn.Duration, new ColumnData(new byte[data.Rows], 1)),
        ["classes of two bytes"] = data => With(data, TaskColumn.Class, new ColumnData(new byte[data.Rows * 2], 2)),
        ["ids of three bytes"] = data => With(data, TaskColumn.Type, new ColumnData(new byte[data.Rows * 3], 3)),
        ["ids of five bytes"] = data => With(data, TaskColumn.Type, new ColumnData(new byte[data.Rows * 5], 5)),
        ["ids of no bytes"] = data => With(data, TaskColumn.Type, new ColumnData([], 1)),
        ["a column with a part of a row"] = data => With(data, TaskColumn.Type, new ColumnData(new byte[data.Rows + 1], 1)),
        ["a class that is none"] = data => With(data, TaskColumn.Class, ColumnData.From([StatusClasses.Count, .. new int[data.Rows - 1]], 1)),
        ["an id that its dictionary has not"] = data => With(data, TaskColumn.User, ColumnData.From([.. new int[data.Rows - 1], data.Dictionary(TaskColumn.User).Count], 1)),
        ["a node without its remote"] = data => With(data, TaskColumn.Node, "pve"u8),
        ["a node without a kind"] = data => With(data, TaskColumn.Node, "\0pve"u8),
        ["a worker id without a kind"] = data => With(data, TaskColumn.WorkerId, []),
        ["a process that is too short"] = data => With(data, TaskColumn.Process, "1234567"u8),
    };

    [Fact]
    public void An_index_that_is_right_is_used()
    {
        using TempCache cache = Filled();
        IndexData data = DataOf(cache);
        Write(cache, data);
        Assert.Null(Using(cache, static archive => archive.Made));
        Assert.Equal(Starts, Using(cache, StartsOf));
    }

    // Anybody can make the sums of an index: what it says is looked at, too.
    [Theory]
    [MemberData(nameof(Lies))]
    public void An_index_whose_sums_are_right_and_whose_content_is_wrong_is_made_anew(string lie)
    {
        using TempCache cache = Filled();
        Write(cache, Lie[lie](DataOf(cache)));
        Assert.NotNull(Using(cache, static archive => archive.Made));
        Assert.Equal(Starts, Using(cache, StartsOf));
        Assert.Equal(Starts, cache.Starts());
    }

    // Invariants checked: each word of the head is looked at by itself, where all others are right, sums included.
    [Theory]
    [InlineData("magic", 0, true)]
    [InlineData("version", 4, true)]
    [InlineData("length of the archive", 16, true)]
    [InlineData("sum of the archive", 24, true)]
    [InlineData("sum of the parts", 40, true)]
    [InlineData("sum of the head", 48, false)]
    [InlineData("rows", 8, false)]
    [InlineData("place of a part", HeadersBytes, false)]
    public void An_index_with_one_wrong_word_in_its_head_is_made_anew(string word, int at, bool isSummed)
    {
        using TempCache cache = Filled();
        string path = IndexPathOf(cache);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        if (isSummed)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), XxHash3.HashToUInt64(bytes.AsSpan(0, 48)));
        File.WriteAllBytes(path, bytes);
        Assert.True(Using(cache, static archive => archive.Made) is not null, word);
        Assert.Equal(Starts, Using(cache, StartsOf));
    }

    [Fact]
    public void The_index_of_an_empty_archive_is_one_and_one_that_says_otherwise_is_not()
    {
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        cache.Add();
        IndexData data = DataOf(cache);
        Write(cache, data);
        Assert.Equal((true, 0), Using(cache, static archive => (archive.Digest is not null, archive.Rows)));
        Write(cache, new IndexBuilder().Build() with { Rows = 5 });
        Assert.Equal((false, 0), Using(cache, static archive => (archive.Digest is not null, archive.Rows)));
    }

    [Fact]
    public void What_was_just_written_is_handed_over_and_not_read_again()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = 64 << 20, Disk = disk });
        cache.Add([.. Enumerable.Range(0, 30_000).Select(start => Some.Finished(start, start % 2 == 0 ? "OK" : "some error"))]);
        cache.Apply();
        long before = disk.BytesRead;
        Assert.Equal(15_000, cache.List(new TaskQuery { Limit = 50, Statuses = [StatusClass.Error] }).Total);
        long handedOver = disk.BytesRead - before;
        cache.Reopen();
        before = disk.BytesRead;
        Assert.Equal(15_000, cache.List(new TaskQuery { Limit = 50, Statuses = [StatusClass.Error] }).Total);
        Assert.InRange(handedOver, 0, (disk.BytesRead - before) / 10);
    }

    // Invariants checked: rows are found by block only where they stand in the file as they are given out.
    [Fact]
    public void An_archive_whose_lines_are_in_another_order_is_read_line_by_line()
    {
        using TempCache cache = Filled();
        ArchiveName name = NameOf(cache);
        string[] upids = [.. Enumerable.Range(0, 6).Select(i => Some.Upid(500, pid: i))];
        byte[][] lines = [.. upids.Select(upid => (byte[])[.. Some.Finished(500, upid: upid).ToLine(), (byte)'\n'])];
        File.WriteAllBytes(cache.PathOf(name.ToString()), Zstd.Blocks([.. lines[1], .. lines[0], .. lines[2]], [.. lines[3], .. lines[5], .. lines[4]]));
        Assert.Equal((false, 6, 0), Using(cache, static archive => (archive.HasBlocks, archive.Rows, archive.Damage.Count)));
        cache.Reopen();
        Assert.Equal(upids.Order(StringComparer.Ordinal), cache.List().Rows.Select(row => row.Upid));
        File.WriteAllBytes(cache.PathOf(name.ToString()), Zstd.Blocks([.. lines[0], .. lines[1], .. lines[2]], [.. lines[3], .. lines[4], .. lines[5]]));
        Assert.Equal((true, 6), Using(cache, static archive => (archive.HasBlocks, archive.Rows)));
    }

    [Fact]
    public void An_index_that_is_not_used_is_closed()
    {
        using TempCache cache = Filled();
        string path = IndexPathOf(cache);
        File.WriteAllBytes(path, new byte[5_000]);
        IndexLoader loader = Loader(cache, RealDisk.Instance);
        OpenFiles files = loader.TryOpen(NameOf(cache))!;
        ArchiveIndex archive = loader.Load(files, Some.AnyTime);
        Assert.Throws<ObjectDisposedException>(() => files.Index!.Length);
        archive.Release();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_part_that_is_not_in_the_file_makes_the_index_be_made_anew(string where, long offset, long length)
    {
        using TempCache cache = Filled();
        string path = IndexPathOf(cache);
        byte[] bytes = File.ReadAllBytes(path);
        Span<byte> head = bytes.AsSpan(HeadersBytes + (HeadBytes * (int)TaskColumn.Status));
        BinaryPrimitives.WriteInt64LittleEndian(head, offset);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), XxHash3.HashToUInt64(bytes.AsSpan(HeadersBytes, HeadsBytes)));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), XxHash3.HashToUInt64(bytes.AsSpan(0, 48)));
        File.WriteAllBytes(path, bytes);
        Assert.True(Using(cache, static archive => archive.Made) is not null, where);
        Assert.Equal(Starts, Using(cache, StartsOf));
    }

    [Fact]
    public void An_index_that_goes_bad_while_it_is_open_is_told_of_and_made_anew()
    {
        using TempCache cache = Filled();
        string path = IndexPathOf(cache);
        Using(cache, archive =>
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes.AsSpan(HeadersBytes + HeadsBytes).Fill(0xFF);
            File.WriteAllBytes(path, bytes);
            Assert.False(archive.HasGoneBad);
            Assert.Equal(CacheError.WentBad, Assert.Throws<CacheException>(() => archive.Columns.Column(TaskColumn.User)).Error);
            Assert.Equal(CacheError.WentBad, Assert.Throws<CacheException>(() => archive.Columns.Dictionary(TaskColumn.User)).Error);
            Assert.True(archive.HasGoneBad);
            return 0;
        });
        Assert.NotNull(Using(cache, static archive => archive.Made));
        cache.Reopen();
    }

    [Fact]
    public void An_archive_whose_block_is_given_once_and_not_again_is_read_from_its_beginning()
    {
        var disk = new HookedDisk();
        using TempCache cache = Filled();
        ArchiveName name = NameOf(cache);
        string path = cache.PathOf(name.ToString());
        byte[] whole = File.ReadAllBytes(path);
        File.Delete(cache.PathOf(IndexFile.NameOf(name.Epoch)));
        int reads = 0;
        disk.Hook = _ => reads++;
        Assert.NotNull(Using(cache, static archive => archive.Made, disk));
        int last = reads;
        reads = 0;
        disk.Hook = _ =>
        {
            // The last reading is that of the last block, for the number of its lines.
            if (++reads != last)
                return;
            byte[] damaged = [.. whole];
            damaged.AsSpan(0, damaged.Length / 10 * 9).Clear();
            File.WriteAllBytes(path, damaged);
        };
        Assert.Equal((false, Tasks), Using(cache, static archive => (archive.HasBlocks, archive.Rows), disk));
        cache.IsDamaged = true;
    }

    [Fact]
    public void An_archive_that_is_gone_or_whose_reading_is_broken_off_leaves_no_file_open()
    {
        var disk = new HookedDisk();
        using TempCache cache = Filled();
        ArchiveName name = NameOf(cache);
        Assert.Null(Loader(cache, disk).TryOpen(name with { Epoch = name.Epoch + 1 }));
        File.Delete(cache.PathOf(IndexFile.NameOf(name.Epoch)));
        disk.Hook = static _ => throw new TimeoutException();
        OpenFiles files = Loader(cache, disk).TryOpen(name)!;
        Assert.Throws<TimeoutException>(() => Loader(cache, disk).Load(files, Some.AnyTime));
        Assert.Throws<ObjectDisposedException>(() => files.Archive.Length);
    }

    private static IEnumerable<long> Starts => Enumerable.Range(0, Tasks).Select(i => (long)Tasks - 1 - i);

    private static long[] StartsOf(ArchiveIndex archive) => [.. Enumerable.Range(0, archive.Rows).Select(archive.Columns.StartOf)];

    /// <summary>Four blocks.</summary>
    private static TempCache Filled() => OneArchive.Of([.. Enumerable.Range(0, Tasks).Select(start => Some.Finished(start, upid: start % 3 == 0 ? Some.PbsUpid(start) : Some.Upid(start)))]);

    private static IndexData With(IndexData data, TaskColumn column, ColumnData content) =>
        data with { Columns = [.. data.Columns.Select((known, i) => i == (int)column ? content : known)] };

    private static IndexData With(IndexData data, TaskColumn column, ReadOnlySpan<byte> value)
    {
        IndexDictionary dictionary = data.Dictionary(column).Copy();
        dictionary.IdOf(value);
        return data with { Dictionaries = [.. data.Dictionaries.Select((known, i) => i == (int)column ? dictionary : known)] };
    }
}
