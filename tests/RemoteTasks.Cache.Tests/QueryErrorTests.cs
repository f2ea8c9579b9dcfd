using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Questions that cannot be answered, and readers used otherwise than they can be.</summary>
public sealed class QueryErrorTests
{
    [Fact]
    public void What_is_no_question_is_refused()
    {
        using TempCache cache = Filled();
        using CacheReader reader = cache.Cache.Read();
        Assert.StartsWith("Start must not be negative.", Assert.Throws<ArgumentOutOfRangeException>(() => reader.List(new TaskQuery { Start = -1 })).Message, StringComparison.Ordinal);
        Assert.StartsWith("Limit must not be negative.", Assert.Throws<ArgumentOutOfRangeException>(() => reader.List(new TaskQuery { Limit = -1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => reader.List(null!));
        Assert.Throws<ArgumentNullException>(() => reader.Statistics(null!));
        Assert.Throws<ArgumentNullException>(() => reader.Histogram(null!, 1));
        Assert.Throws<ArgumentNullException>(() => reader.Unknown(null!));
        Assert.Throws<ArgumentNullException>(() => reader.Find(null!));
        ArgumentException error = Assert.Throws<ArgumentException>(() => reader.List(new TaskQuery { After = "UPID:n:1" }));
        Assert.Contains("'UPID:n:1' is not the UPID of a remote task", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_read_once_and_the_continuation_is_known_at_their_end()
    {
        using TempCache cache = Filled();
        using CacheReader reader = cache.Cache.Read();
        TaskListing rows = reader.Stream(new TaskQuery { Limit = 2 });
        Assert.Contains("when all rows have been read", Assert.Throws<InvalidOperationException>(() => rows.Next).Message, StringComparison.Ordinal);
        Assert.Equal(2, rows.Count());
        Assert.Equal(Some.Upid(1001), rows.Next);
        Assert.False(rows.MoveNext());
        Assert.Contains("can be read once", Assert.Throws<InvalidOperationException>(() => rows.Count()).Message, StringComparison.Ordinal);
        Assert.Single(reader.Stream(new TaskQuery { After = rows.Next }));
    }

    // A task is looked for by a number of its process first, which these have in common.
    [Fact]
    public void A_task_is_found_by_its_whole_name()
    {
        using var cache = new TempCache(1000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        string[] upids = [Some.Upid(1000, user: "a@pam"), Some.Upid(1000, user: "c@pam"), Some.Upid(1000, pid: 7)];
        cache.Add([.. upids.Select(upid => Some.Finished(1000, upid: upid))]);
        foreach (bool isApplied in (bool[])[false, true])
        {
            if (isApplied)
                cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            Assert.All(upids, upid => Assert.Equal(upid, reader.Find(upid)?.Upid));
            foreach (string other in (string[])[Some.Upid(1000, user: "b@pam"), Some.Upid(1000, user: "d@pam"), Some.Upid(1000, user: "a@pa"), Some.Upid(1001), Some.Upid(999)])
                Assert.Null(reader.Find(other));
        }
    }

    [Fact]
    public void A_reader_is_closed_once()
    {
        using TempCache cache = Filled();
        CacheReader reader = cache.Cache.Read();
        reader.Dispose();
        reader.Dispose();
        Assert.Equal(3, cache.List().Total);
    }

    [Fact]
    public void A_remote_gets_no_name_that_is_none_or_is_taken()
    {
        using TempCache cache = Filled();
        using CacheWriter writer = cache.Cache.Write();
        writer.Update(new TaskBatch { Nodes = [new NodeReport("taken", "n", 1), new NodeReport("pve-remote", "pve", 1)] });
        Assert.Contains("is not a remote id", Assert.Throws<ArgumentException>(() => writer.RenameRemote("pve-remote", "a b")).Message, StringComparison.Ordinal);
        Assert.Contains("'taken' already", Assert.Throws<ArgumentException>(() => writer.RenameRemote("pve-remote", "taken")).Message, StringComparison.Ordinal);
    }

    private static TempCache Filled()
    {
        var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000), Some.Finished(1001), Some.Finished(1002));
        return cache;
    }
}
