using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Lines of the journal that are read again by where they lie.</summary>
public sealed class JournalReaderTests
{
    [Fact]
    public void Rows_are_read_wherever_they_lie_and_whatever_lies_between_them()
    {
        using TempCache cache = Filled(tasks: 3_000, statusLength: 200);
        using IDiskFile file = Open(cache);
        JournalRow[] rows = Rows(file);
        Assert.Equal(3_000, rows.Length);
        foreach (int every in (int[])[1, 2, 100, 2_999])
        {
            JournalRow[] some = [.. rows.Where((_, i) => i % every == 0)];
            SortedLines lines = JournalReader.Pick(file, some, new byte[some.Sum(row => row.Length)]);
            Assert.Equal(some.Select(row => (long)row.Start).Order(), Starts(lines).Order());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(-5)]
    public void A_line_that_is_another_one_by_now_is_an_error_and_nothing_is_changed(int at)
    {
        using TempCache cache = Filled(tasks: 3, statusLength: 10);
        cache.IsDamaged = true;
        JournalRow[] rows;
        using (IDiskFile file = Open(cache))
            rows = Rows(file);
        byte[] bytes = File.ReadAllBytes(cache.PathOf("journal"));
        bytes[(int)rows[1].Offset + (at < 0 ? rows[1].Length + at : at)] ^= 1;
        File.WriteAllBytes(cache.PathOf("journal"), bytes);
        using IDiskFile changed = Open(cache);
        CacheException error = Assert.Throws<CacheException>(() => JournalReader.Pick(changed, rows, new byte[rows.Sum(row => row.Length)]));
        Assert.Contains($"the line at byte {rows[1].Offset} is another one. Nothing was changed; try again", error.Message, StringComparison.Ordinal);
    }

    // Lines of other programs have no sum that tells.
    [Theory]
    [InlineData("\"pve:", "#pve:")]
    [InlineData("root@pam:\"", "root@pam:#")]
    [InlineData("1002}", "1002#")]
    public void A_line_without_a_sum_whose_name_is_not_where_it_was_is_another_one(string was, string now)
    {
        using TempCache cache = Foreign();
        JournalRow[] rows = RowsOf(cache);
        Change(cache, rows[1], was, now);
        using IDiskFile changed = Open(cache);
        Assert.Throws<CacheException>(() => JournalReader.Pick(changed, rows, new byte[rows.Sum(row => row.Length)]));
    }

    [Theory]
    [InlineData("\"starttime\":1001", "\"starttime\":1000", "is not the one in the UPID")]
    [InlineData("000003E9", "000003EA", "is not the one in the UPID")]
    [InlineData(",\"status\"", ":\"status\"", "is not a JSON object")]
    public void A_line_without_a_sum_that_is_another_one_by_now_is_found_out_when_it_is_understood(string was, string now, string why)
    {
        using TempCache cache = Foreign();
        JournalRow[] rows = RowsOf(cache);
        Change(cache, rows[1], was, now);
        using IDiskFile changed = Open(cache);
        SortedLines lines = JournalReader.Pick(changed, rows, new byte[rows.Sum(row => row.Length)]);
        CacheException error = Assert.Throws<CacheException>(() => lines.Parse(1, new LineParser()));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(1002, lines.Parse(0, new LineParser()).StartTime);
    }

    [Fact]
    public void A_line_that_became_another_tasks_altogether_is_found_out_by_its_start_time()
    {
        using TempCache cache = Foreign();
        JournalRow[] rows = RowsOf(cache);
        Change(cache, rows[1], "000003E9", "000003F0");
        Change(cache, rows[1], "\"starttime\":1001", "\"starttime\":1008");
        using IDiskFile changed = Open(cache);
        SortedLines lines = JournalReader.Pick(changed, rows, new byte[rows.Sum(row => row.Length)]);
        Assert.Contains("another start time", Assert.Throws<CacheException>(() => lines.Parse(1, new LineParser())).Message, StringComparison.Ordinal);
    }

    // Much is read in several parts at once, which begin at a newline: a part without one has no line to begin with.
    [Theory]
    [InlineData(1 << 20, false)]
    [InlineData(5 << 19, false)]
    [InlineData(5 << 19, true)]
    [InlineData(20 << 20, false)]
    [InlineData(20 << 20, true)]
    public void A_line_of_megabytes_is_one_bad_line_and_those_around_it_are_read(int length, bool keepsLines)
    {
        using TempCache cache = Foreign();
        cache.IsDamaged = true;
        byte[] lines = File.ReadAllBytes(cache.PathOf("journal"));
        using (FileStream journal = File.OpenWrite(cache.PathOf("journal")))
        {
            // What is passed over are zeros.
            journal.Position = lines.Length + length;
            journal.Write([(byte)'\n', .. Some.Finished(1005).ToLine(), (byte)'\n']);
        }

        using IDiskFile file = Open(cache);
        JournalPart part = JournalReader.Scan(file, 0, file.Length, keepsLines);
        Assert.Equal((1, file.Length), (part.BadLines, part.End));
        Assert.Equal([1000, 1001, 1002, 1005], part.Rows.Select(row => row.Start));
        Assert.Equal(keepsLines ? [1005, 1002, 1001, 1000] : null, part.Lines is { } kept ? Starts(kept) : null);
    }

    // Invariants checked: what is read in several parts is the same as in one, whatever the part in which a line, a bad one or the end lies.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_journal_that_is_read_in_parts_is_the_one_that_is_read_whole(bool keepsLines)
    {
        using TempCache cache = Filled(tasks: 200, statusLength: 10);
        cache.IsDamaged = true;
        string[] lines = File.ReadAllLines(cache.PathOf("journal"));
        (lines[20], lines[180], lines[190]) = ("rubbish", "more of it", lines[5]);
        File.WriteAllText(cache.PathOf("journal"), string.Join('\n', lines));
        using IDiskFile file = Open(cache);
        foreach (long from in new[] { 0L, lines[0].Length + 1 })
        {
            JournalPart whole = JournalReader.Scan(file, from, file.Length, keepsLines);
            JournalPart inParts = JournalReader.Scan(file, from, file.Length, keepsLines, partBytesMin: 1_000);
            Assert.Equal(2, whole.BadLines);
            Assert.Equal((whole.BadLines, whole.End, whole.Tail), (inParts.BadLines, inParts.End, inParts.Tail));
            Assert.Equal(whole.Rows, inParts.Rows);
            Assert.Equal(whole.Mark.ToArray(), inParts.Mark.ToArray());
            Assert.Equal(whole.Lines is { } kept ? Starts(kept) : null, inParts.Lines is { } joined ? Starts(joined) : null);
        }
    }

    [Fact]
    public void The_part_that_has_no_line_says_nothing_of_where_the_lines_end()
    {
        using TempCache cache = Foreign();
        cache.IsDamaged = true;
        byte[] lines = File.ReadAllBytes(cache.PathOf("journal"));
        File.AppendAllText(cache.PathOf("journal"), new string('x', lines.Length * 2));
        using IDiskFile file = Open(cache);
        JournalPart part = JournalReader.Scan(file, 0, file.Length, keepsLines: false, partBytesMin: 100);
        Assert.Equal(lines.Length, part.End);
        Assert.Equal(lines[^part.Mark.Length..], part.Mark.ToArray());
        Assert.Null(part.Tail);
    }

    [Fact]
    public void Nothing_between_two_newlines_is_no_bad_line()
    {
        using TempCache cache = Foreign();
        File.AppendAllText(cache.PathOf("journal"), "\n\n");
        Assert.Equal(3, RowsOf(cache).Length);
    }

    // To read a little more costs less than to ask twice; but not without bound.
    [Theory]
    [InlineData(4_094, 2, 2, 1)]
    [InlineData(4_095, 2, 2, 2)]
    [InlineData(4_095, 1, 1, 1)]
    [InlineData(4_094, 15, 1, 1)]
    [InlineData(4_095, 15, 1, 1)]
    [InlineData(4_096, 15, 1, 2)]
    [InlineData(4_094, 31, 1, 2)]
    [InlineData(70_000, 1, 1, 2)]
    public void Lines_that_lie_near_are_read_at_once(int length, int last, int every, int expected)
    {
        using TempCache empty = Filled(tasks: 1, statusLength: 0);
        using TempCache cache = Filled(tasks: 40, statusLength: length - RowsOf(empty)[0].Length);
        var disk = new HookedDisk();
        using IDiskFile file = disk.OpenRead(cache.PathOf("journal"))!;
        JournalRow[] rows = Rows(file);
        Assert.All(rows, row => Assert.Equal(length, row.Length));
        JournalRow[] some = [.. rows.Where((_, i) => i <= last && i % every == 0)];
        int reads = 0;
        disk.Hook = _ => reads++;
        SortedLines lines = JournalReader.Pick(file, some, new byte[some.Sum(row => row.Length)]);
        Assert.Equal(some.Select(row => (long)row.Start).Order(), Starts(lines).Order());
        Assert.Equal(expected, reads);
    }

    // Invariants checked: of a journal that nobody keeps in memory the lines of the tasks that are asked for are read, its torn end among them, and no others.
    [Fact]
    public void Lines_are_found_by_when_their_tasks_began()
    {
        const int sameBit = 1 << 18;
        using var cache = new TempCache(1000) { IsDamaged = true };
        long[] starts = [1_000, 1_001, 1_000 + sameBit, 1_064, 5_000];
        cache.Add([.. starts.Select(start => Some.Finished(start))]);
        string text = File.ReadAllText(cache.PathOf("journal"));
        File.WriteAllText(cache.PathOf("journal"), text.TrimEnd('\n'));
        JournalSnapshot journal = new Journal(RealDisk.Instance, cache.Path).Load();
        Assert.False(journal.HasLines);
        foreach (long[] asked in new long[][] { [1_000], [1_001, 1_064], [1_000 + sameBit], [5_000], [1_000, 5_000], [7_000], [1_000 + (2 * sameBit)], starts, [] })
        {
            SortedLines lines = journal.Among([.. asked.Select(start => Line(start))]);
            Assert.Equal(asked.Intersect(starts).OrderDescending(), Starts(lines));
        }
    }

    [Fact]
    public void A_line_that_is_gone_is_an_error()
    {
        using TempCache cache = Filled(tasks: 3, statusLength: 10);
        cache.IsDamaged = true;
        using IDiskFile file = Open(cache);
        JournalRow[] rows = Rows(file);
        using (IDiskFile other = RealDisk.Instance.OpenWrite(cache.PathOf("journal")))
            other.SetLength(rows[2].Offset + 5);
        Assert.Throws<CacheException>(() => JournalReader.Pick(file, rows, new byte[rows.Sum(row => row.Length)]));
    }

    private static TaskLine Line(long start)
    {
        Assert.True(new LineParser().TryParse(Some.Finished(start).ToLine(), out TaskLine line, out string? problem), problem);
        return line.Detach();
    }

    private static TempCache Filled(int tasks, int statusLength)
    {
        var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 1 << 30 });
        cache.Add([.. Enumerable.Range(1000, tasks).Select(start => Some.Finished(start, new string('x', statusLength)))]);
        return cache;
    }

    /// <summary>Three tasks as another program writes them.</summary>
    private static TempCache Foreign()
    {
        var cache = new TempCache(1000);
        cache.Add();
        File.WriteAllBytes(cache.PathOf("journal"), [.. Enumerable.Range(1000, 3).SelectMany(start => Some.Finished(start).ToLine().Append((byte)'\n'))]);
        return cache;
    }

    private static JournalRow[] RowsOf(TempCache cache)
    {
        using IDiskFile file = Open(cache);
        return Rows(file);
    }

    /// <summary>Writes to a line in place.</summary>
    private static void Change(TempCache cache, JournalRow row, string was, string now)
    {
        cache.IsDamaged = true;
        string text = File.ReadAllText(cache.PathOf("journal"));
        int from = text.IndexOf(was, (int)row.Offset, StringComparison.Ordinal);
        Assert.InRange(from, (int)row.Offset, (int)row.Offset + row.Length - now.Length);
        File.WriteAllText(cache.PathOf("journal"), $"{text[..from]}{now}{text[(from + was.Length)..]}");
    }

    private static IDiskFile Open(TempCache cache) => RealDisk.Instance.OpenRead(cache.PathOf("journal"))!;

    private static JournalRow[] Rows(IDiskFile file)
    {
        JournalPart part = JournalReader.Scan(file, 0, file.Length, keepsLines: false);
        Assert.Equal((0, file.Length), (part.BadLines, part.End));
        return [.. part.Rows];
    }

    private static IEnumerable<long> Starts(SortedLines lines) => Enumerable.Range(0, lines.Count).Select(lines.StartOf);
}
