using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>The clock of this machine is wrong for a while.</summary>
public sealed class ClockJumpTests
{
    [Fact]
    public void A_file_begun_below_all_others_takes_only_what_is_older_than_they_are()
    {
        using var cache = new TempCache(5_000, TempCache.Small with { InitialFiles = 1 });
        cache.Add(Some.Finished(5_100), Some.Finished(4_000), Some.Finished(2_000));
        cache.Apply();
        Assert.Equal("archive.3000", cache.RotateAt(3_000).Begun);

        Assert.Equal([5_100, 4_000, 2_000], cache.Starts());
        using (CacheReader reader = cache.Cache.Read())
            Assert.All([5_100, 4_000, 2_000], start => Assert.NotNull(reader.Find(Some.Upid(start))));
        Assert.Equal(0, cache.Add(Some.Finished(5_100), Some.Finished(4_000), Some.Finished(2_000)).New);
        Assert.Empty(cache.Cache.Check().Findings);
    }
}
