using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Into which parts a time is cut. What is counted in them is compared with a model elsewhere.</summary>
public sealed class HistogramTests
{
    private const long Day = 86_400;

    private static readonly long[] Lengths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, Day, 2 * Day, 7 * Day];

    // Invariants checked: parts are of the shortest length that people think in, or of the fewest whole weeks, with which so many parts are enough; the first
    // begins at a whole number of them and holds the oldest task, the last holds the newest.
    [Theory]
    [InlineData(1_000, 1_002)]
    [InlineData(1_000, 1_959)]
    [InlineData(1_782_900_000, 1_782_986_399)]
    [InlineData(1_782_900_000, 1_785_000_000)]
    [InlineData(1_400_000_000, 1_782_900_000)]
    [InlineData(0, 4_294_967_295)]
    public void Parts_are_as_short_as_their_number_allows(long oldest, long newest)
    {
        using var cache = new TempCache(oldest + 1, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        cache.Add(Some.Finished(oldest), Some.Finished(newest), Some.Finished((oldest + newest) / 2));
        foreach (bool isApplied in (bool[])[false, true])
        {
            if (isApplied)
                cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            foreach (int partsMax in (int[])[1, 2, 3, 7, 10, 50, 999, 1_000])
            {
                TaskHistogram histogram = reader.Histogram(new TaskQuery(), partsMax);
                Assert.Equal(LengthFor(oldest, newest, partsMax), histogram.Seconds);
                Assert.Equal(oldest / histogram.Seconds * histogram.Seconds, histogram.From);
                Assert.Equal((newest / histogram.Seconds) - (oldest / histogram.Seconds) + 1, histogram.Parts.Count);
                Assert.True(histogram.Parts[0].Ok > 0 && histogram.Parts[^1].Ok > 0);
                Assert.Equal(3, histogram.Parts.Sum(part => part.Total));
            }
        }
    }

    [Fact]
    public void Times_that_are_asked_for_cut_what_is_there_and_never_go_beyond_it()
    {
        using var cache = new TempCache(1_000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        cache.Add([.. Enumerable.Range(100, 100).Select(start => Some.Finished(start))]);
        cache.Apply();
        using CacheReader reader = cache.Cache.Read();
        (long, int) Times(TaskQuery query) => reader.Histogram(query, 1_000) is var histogram ? (histogram.From, histogram.Parts.Count) : default;
        Assert.Equal((100, 100), Times(new TaskQuery()));
        Assert.Equal((100, 100), Times(new TaskQuery { Since = 0, Until = 5_000 }));
        Assert.Equal((150, 50), Times(new TaskQuery { Since = 150 }));
        Assert.Equal((100, 51), Times(new TaskQuery { Until = 150 }));
        Assert.Equal((150, 1), Times(new TaskQuery { Since = 150, Until = 150 }));
        Assert.Equal((0, 0), Times(new TaskQuery { Since = 151, Until = 150 }));
        Assert.Equal((0, 0), Times(new TaskQuery { Since = 200 }));
        Assert.Equal((0, 0), Times(new TaskQuery { Until = 99 }));

        // Where nothing matches there is still a time to look at.
        TaskHistogram none = reader.Histogram(new TaskQuery { Errors = true }, 10);
        Assert.Equal((100, 10, 0), (none.From, none.Seconds, none.Parts.Sum(part => part.Total)));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Histogram(new TaskQuery(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Histogram(new TaskQuery(), TaskHistogram.PartsMax + 1));
    }

    [Fact]
    public void An_empty_cache_has_no_parts()
    {
        using var cache = new TempCache(1_000);
        cache.Add();
        using CacheReader reader = cache.Cache.Read();
        Assert.Empty(reader.Histogram(new TaskQuery(), 10).Parts);
    }

    private static long LengthFor(long oldest, long newest, int partsMax)
    {
        bool IsEnough(long length) => (newest / length) - (oldest / length) + 1 <= partsMax;
        foreach (long length in Lengths.Where(IsEnough))
            return length;
        long weeks = 2;
        while (!IsEnough(weeks * 7 * Day))
            weeks++;
        return weeks * 7 * Day;
    }
}
