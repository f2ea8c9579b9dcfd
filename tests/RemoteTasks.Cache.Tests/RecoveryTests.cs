using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What a writer does before anything else, and that it is durable before anything follows.</summary>
public sealed class RecoveryTests
{
    private const string SyncNames = "syncdir remote-tasks";

    private readonly List<string> _calls = [];
    private readonly HookedDisk _disk = new();

    // Where the newest is, all are: a crash in between leaves no cache that lacks older files.
    [Theory]
    [InlineData(null, "rename archive.8000.zst, rename archive.9000.zst, rename archive.10000, " + SyncNames)]
    [InlineData(2, "rename archive.9000.zst, rename archive.10000, " + SyncNames)]
    public void A_new_cache_begins_with_its_oldest_file_and_its_names_are_durable(int? kept, string expected)
    {
        using TempCache cache = New(TempCache.Small with { RotateAfter = TimeSpan.FromSeconds(1000), RetainFilesMax = kept }, now: 10_000);
        cache.Cache.Write().Dispose();
        Assert.Equal(expected, string.Join(", ", Changes()));
        Assert.False(File.Exists(cache.PathOf("state")));
    }

    // Whoever made the directory may have been killed before its name was durable, or been told by the disk that it is not.
    [Fact]
    public void The_names_that_lead_to_a_new_cache_are_durable_before_it_has_a_file()
    {
        using TempCache cache = New(TempCache.Small);
        Directory.CreateDirectory(cache.Path);
        string[] parents = [$"syncdir {Path.GetFileName(cache.Root)}", $"syncdir {Path.GetFileName(Path.GetDirectoryName(cache.Root))}"];
        for (int i = 0; i < 2; i++)
        {
            _disk.Hook = call =>
            {
                _calls.Add(call);
                if (call == parents[0])
                    throw new SyncException("Input/output error", 5);
            };
            Assert.Equal(CacheError.SyncFailed, Assert.Throws<CacheException>(() => cache.Cache.Write()).Error);
            _disk.Hook = _calls.Add;
            Assert.Equal(CacheError.SyncFailed, Assert.Throws<CacheException>(() => cache.Cache.Write()).Error);
            Assert.Equal([parents[0]], _calls.Where(call => call.StartsWith("syncdir", StringComparison.Ordinal)));
            Assert.Empty(cache.Archives());
            cache.Reopen();
            _calls.Clear();
        }

        cache.Cache.Write().Dispose();
        Assert.Equal(parents, _calls.TakeWhile(call => !call.StartsWith("rename", StringComparison.Ordinal)).Intersect(parents));
        _calls.Clear();
        cache.Cache.Write().Dispose();
        Assert.Empty(_calls.Intersect(parents));
    }

    [Fact]
    public void A_state_that_cannot_be_read_is_kept_aside_for_good_before_another_is_written()
    {
        using TempCache cache = New(TempCache.Small);
        cache.Add(Some.Finished(1000));
        cache.Apply();
        File.WriteAllText(cache.PathOf("state"), "rubbish");
        cache.Reopen();
        _calls.Clear();
        cache.Cache.Write().Dispose();
        Assert.Equal(["rename state.damaged.1000", SyncNames, "rename state", SyncNames], Changes());
        Assert.Equal("rubbish", File.ReadAllText(cache.PathOf("state.damaged.1000")));
        Assert.Equal(1000, cache.State().Find("pve-remote", "pve")?.Cutoff);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_state_that_is_missing_is_made_anew_where_there_are_tasks(bool areArchived)
    {
        using TempCache cache = New(TempCache.Small);
        cache.Add(Some.Finished(1000));
        if (areArchived)
            cache.Apply();
        else
            File.Delete(cache.PathOf("archive.1000"));
        File.Delete(cache.PathOf("state"));
        cache.Reopen();
        cache.Cache.Write().Dispose();
        Assert.True(File.Exists(cache.PathOf("state")));
        Assert.Equal([1000], cache.Starts());
    }

    /// <summary>Names that were given and made durable, but for those of indexes, which may be lost.</summary>
    private IEnumerable<string> Changes() => _calls.Where(call =>
        call == SyncNames || (call.StartsWith("rename", StringComparison.Ordinal) && !call.EndsWith(".idx", StringComparison.Ordinal)));

    private TempCache New(TaskCacheOptions options, long now = 1000)
    {
        _disk.Hook = _calls.Add;
        return new TempCache(now, options with { Disk = _disk });
    }
}
