using System.Text;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Lines of rows out of a file without blocks, which is read forwards.</summary>
public sealed class RowReaderTests
{
    private const int Tasks = 8_000;

    /// <summary>The second in which many began.</summary>
    private const int Second = 3_000;

    private const int TasksOfTheSecond = 3_000;

    // Invariants checked: whatever order rows are asked for, each gives its line: far ahead, within a second that is long, and backwards.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_row_gives_its_line_in_whatever_order_they_are_asked_for(bool hasBadLines)
    {
        using TempCache cache = Filled(hasBadLines);
        int[] orders = [0, 1, 2, 1_500, 1_501, 2_600, 4_200, 4_201, 5_700, 5_999, 6_000, 7_998, 7_999, 10, 4_500, 0, 7_999, 7_999];
        string[] expected = [.. Enumerable.Range(0, Tasks).Select(i => TextOf(Tasks - 1 - i))];
        OneArchive.Using(cache, archive =>
        {
            Assert.False(archive.HasBlocks);
            Assert.Equal((Tasks, hasBadLines), (archive.Rows, archive.Damage.Count > 0));
            using var reader = new RowReader(archive);
            foreach (int row in orders)
                Assert.Equal(expected[row], Encoding.UTF8.GetString(reader.Read(row).Upid.Span));
            return 0;
        });
    }

    [Fact]
    public void A_row_far_ahead_is_found_without_reading_all_before_it()
    {
        var disk = new HookedDisk();
        using TempCache cache = Filled(hasBadLines: false);
        OneArchive.Using(
            cache,
            archive =>
            {
                using var reader = new RowReader(archive);
                reader.Read(0);
                long before = disk.BytesRead;
                reader.Read(Tasks - 2);
                Assert.InRange(disk.BytesRead - before, 1, archive.Length / 3);
                return 0;
            },
            disk);
    }

    [Fact]
    public void A_line_that_is_another_than_was_indexed_is_not_given()
    {
        using TempCache cache = Filled(hasBadLines: false);
        OneArchive.Using(cache, archive =>
        {
            using var reader = new RowReader(archive);
            reader.Read(5);
            string path = OneArchive.PathOf(cache);
            string[] lines = File.ReadAllLines(path);
            (lines[100], lines[200]) = (lines[200], lines[100]);
            File.WriteAllText(path, string.Join('\n', lines) + "\n");
            reader.Dispose();
            using var again = new RowReader(archive);
            Assert.Equal(CacheError.WentBad, Assert.Throws<CacheException>(() => again.Read(100)).Error);
            Assert.True(archive.HasGoneBad);
            return 0;
        });
    }

    // Newest first, as rows are.
    private static TempCache Filled(bool hasBadLines)
    {
        var cache = new TempCache(0, TempCache.Small with { PlainFiles = 1, InitialFiles = 1, JournalBytesMax = 64 << 20 }) { IsDamaged = true };
        cache.Add();
        using var file = new StreamWriter(cache.PathOf("archive.0"), append: false, new UTF8Encoding(false));
        for (int i = Tasks - 1; i >= 0; i--)
        {
            if (hasBadLines && i % 2_500 == 7)
                file.Write("this is no task\n");
            file.Write(Encoding.UTF8.GetString(Some.Finished(StartOf(i), upid: TextOf(i)).ToLine()) + "\n");
        }

        return cache;
    }

    private static long StartOf(int task) => task is >= Second and < Second + TasksOfTheSecond ? Second : task;

    /// <summary>Of two tasks of a second the one with the larger name comes later.</summary>
    private static string TextOf(int task) => Some.Upid(StartOf(task), pid: Tasks - task);
}
