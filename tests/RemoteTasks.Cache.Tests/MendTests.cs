using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Damaged files are written anew with what can be read of them.</summary>
public sealed class MendTests
{
    private const int Tasks = 2_000;

    // Invariants checked: of a damaged archive, journal and running list nothing readable is lost; each is kept as it was; what is missing waits to be fetched
    // again; afterwards nothing is damaged, and a second mending has nothing to do.
    [Fact]
    public void Damaged_files_are_written_anew_and_kept_as_they_were()
    {
        using var cache = new TempCache(now: 100_000, TempCache.Small with { InitialFiles = 1, PlainFiles = 0 });
        cache.Add([.. Enumerable.Range(0, Tasks).Select(i => Some.Finished(10_000 + i))]);
        cache.Apply();
        cache.Add([.. Enumerable.Range(0, 10).Select(i => Some.Finished(20_000 + i))]);
        cache.Add([.. Enumerable.Range(0, 10).Select(i => Some.Running(30_000 + i))]);
        string archive = Assert.Single(cache.Archives());
        string[] files = [archive, "journal", "active"];
        byte[][] bad = [.. files.Select(file => Flip(cache.PathOf(file)))];
        cache.Reopen();
        int readable = cache.List().Rows.Count;
        Assert.InRange(readable, Tasks - 300, Tasks + 18);
        Assert.True(cache.Cache.Check().IsDamaged);

        MendResult mended = Mend(cache);
        Assert.Equal(files.Order(StringComparer.Ordinal), mended.Files.Select(file => file.File).Order(StringComparer.Ordinal));
        Assert.All(mended.Files, file => Assert.Equal(bad[Array.IndexOf(files, file.File)], File.ReadAllBytes(cache.PathOf(file.KeptAs))));
        cache.Reopen();
        Assert.Equal(readable, cache.List().Rows.Count);
        Assert.False(cache.Cache.Check().IsDamaged);
        Assert.Equal(
            files.Order(StringComparer.Ordinal), cache.State().Repairs.Where(repair => repair.Settled is null).Select(repair => repair.Damage.File).Order(StringComparer.Ordinal));
        Assert.Empty(Mend(cache).Files);
    }

    // Invariants checked: a task without an end, which another program left in an archive, runs from then on.
    [Fact]
    public void Running_tasks_in_an_archive_move_to_the_running_ones()
    {
        using var cache = new TempCache(now: 5_000, TempCache.Small with { InitialFiles = 1 });
        cache.Add(Some.Running(4_100));
        string[] lines = [ArchiveLine(Some.Upid(4_300), 4_300, end: 4_301), ArchiveLine(Some.Upid(4_200), 4_200, end: null)];
        File.WriteAllLines(cache.PathOf(Assert.Single(cache.Archives())), lines);
        cache.Reopen();
        Assert.True(cache.Cache.Check().IsDamaged);
        Assert.Equal(Assert.Single(cache.Archives()), Assert.Single(Mend(cache).Files).File);
        cache.Reopen();
        Assert.Equal([4_300, 4_200, 4_100], cache.Starts());
        Assert.Equal([4_200, 4_100], cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.False(cache.Cache.Check().IsDamaged);
    }

    // Invariants checked: two copies of one second get two names, and both are kept.
    [Fact]
    public void A_second_copy_does_not_replace_the_first()
    {
        using var cache = new TempCache(now: 5_000, TempCache.Small with { InitialFiles = 1 });
        string[] kept = [.. Enumerable.Range(0, 2).Select(i =>
        {
            cache.Add(Some.Running(4_000 + i), Some.Running(4_010 + i));
            Flip(cache.PathOf("active"));
            cache.Reopen();
            return Assert.Single(Mend(cache).Files).KeptAs;
        })];
        Assert.Equal(["active.damaged.5000", "active.damaged.5001"], kept);
        Assert.All(kept, name => Assert.True(File.Exists(cache.PathOf(name))));
    }

    private static MendResult Mend(TempCache cache)
    {
        using CacheWriter writer = cache.Cache.Write();
        return writer.Mend();
    }

    private static string ArchiveLine(string upid, long start, long? end) =>
        $"{{\"upid\":\"{upid}\",\"starttime\":{start},\"status\":\"OK\"{(end is null ? "" : $",\"endtime\":{end}")}}}";

    /// <summary>A byte in the middle becomes another one; the file is then a new one, as a restored backup is.</summary>
    private static byte[] Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x11;
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
        return bytes;
    }
}
