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
        IOException error = Assert.Throws<IOException>(() => JournalReader.Pick(changed, rows, new byte[rows.Sum(row => row.Length)]));
        Assert.Contains($"the line at byte {rows[1].Offset} is another one. Nothing was changed; try again.", error.Message, StringComparison.Ordinal);
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
        Assert.Throws<IOException>(() => JournalReader.Pick(file, rows, new byte[rows.Sum(row => row.Length)]));
    }

    private static TempCache Filled(int tasks, int statusLength)
    {
        var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 1 << 30 });
        cache.Add([.. Enumerable.Range(1000, tasks).Select(start => Some.Finished(start, new string('x', statusLength)))]);
        return cache;
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
