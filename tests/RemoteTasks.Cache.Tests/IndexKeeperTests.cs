using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Indexes that had to be made from their archives.</summary>
public sealed class IndexKeeperTests
{
    // An index beside an archive speaks for its bytes: it must not be given others than those it was made from.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_index_is_put_beside_its_archive_only_while_that_is_what_it_was_made_from(bool isRotten)
    {
        using TempCache cache = OneArchive.Of(2_000);
        string index = OneArchive.IndexPathOf(cache);
        string path = OneArchive.PathOf(cache);
        File.Delete(index);
        cache.Reopen();
        using (CacheReader reader = cache.Cache.Read())
        {
            Assert.Equal(2_000, reader.Snapshot.Archives.Single().Rows);
            byte[] whole = File.ReadAllBytes(path);
            if (isRotten)
                OneArchive.Flip(path, whole, whole.Length / 2);
            using (DirectoryLock held = DirectoryLock.ToWrite(RealDisk.Instance, cache.Path, TimeSpan.FromSeconds(1)))
                Assert.True(new IndexKeeper(new Workspace(RealDisk.Instance, cache.Path, cache.Options, held, new FreshIndexes())).Complete(reader.Snapshot));
            Assert.Equal((isRotten, !isRotten), (reader.Snapshot.HasGoneBad, File.Exists(index)));
        }

        if (!isRotten)
            return;
        cache.IsDamaged = true;
        using CacheReader next = cache.Cache.Read();
        Damage damage = Assert.Single(next.Damage);
        long[] shown = [.. next.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.StartTime)];
        Assert.InRange(shown.Length, 1_000, 1_999);
        Assert.All(Enumerable.Range(0, 2_000).Select(start => (long)start).Except(shown), start => Assert.InRange(start, damage.From, damage.To));
    }
}
