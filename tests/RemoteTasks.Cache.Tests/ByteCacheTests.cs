using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What was read last stays, up to a number of bytes.</summary>
public sealed class ByteCacheTests
{
    private readonly ByteCache<int, string> _cache = new(bytesMax: 10);

    [Fact]
    public void What_was_not_used_for_longest_makes_room()
    {
        _cache.Add(1, "one", 4);
        _cache.Add(2, "two", 4);
        Assert.Equal("one", _cache.Find(1));
        _cache.Add(3, "three", 4);
        Assert.Equal(("one", null, "three"), (_cache.Find(1), _cache.Find(2), _cache.Find(3)));
    }

    [Fact]
    public void All_of_it_is_used()
    {
        _cache.Add(1, "one", 4);
        _cache.Add(2, "two", 6);
        Assert.Equal(("one", "two"), (_cache.Find(1), _cache.Find(2)));
    }

    [Fact]
    public void What_is_larger_than_all_of_it_stays_until_the_next_comes()
    {
        _cache.Add(1, "one", 4);
        _cache.Add(2, "large", 100);
        Assert.Equal((null, "large"), (_cache.Find(1), _cache.Find(2)));
        _cache.Add(3, "three", 4);
        Assert.Equal((null, "three"), (_cache.Find(2), _cache.Find(3)));
    }

    [Fact]
    public void What_is_there_already_stays_and_what_is_removed_is_gone()
    {
        _cache.Add(1, "first", 4);
        _cache.Add(1, "second", 4);
        _cache.Add(2, "two", 4);
        Assert.Equal("first", _cache.Find(1));
        _cache.RemoveWhere(key => key == 1);
        Assert.Equal((null, "two"), (_cache.Find(1), _cache.Find(2)));
        Assert.False(_cache.WasAskedFor(1));
        Assert.True(_cache.WasAskedFor(1));
    }

    [Fact]
    public void Answers_are_the_same_with_hardly_any_memory()
    {
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, IndexMemoryMax = 1, BlockMemoryMax = 1 });
        cache.Add([.. Enumerable.Range(0, 600).Select(start => Some.Finished(start, start % 2 == 0 ? "OK" : "failed"))]);
        cache.Apply();
        Assert.Equal(300, cache.List(new TaskQuery { Errors = true }).Total);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => 599L - (2 * i)), cache.Starts(new TaskQuery { Limit = 0, Text = "FAIL" }));
    }
}
