using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A file that is written anew loses nothing silently.</summary>
public sealed class RewriteSafetyTests
{
    private static readonly int Tasks = Effort.Of(usual: 3_000, nightly: 3_000, mutation: 700);

    // Invariants checked: whichever read of an archive fails, and whether apply, rotation, renaming or removal was at work, an error
    // of the disk is an error of the call, and no task is missing when the disk works again.
    [Theory]
    [InlineData("apply")]
    [InlineData("rotate")]
    [InlineData("rename")]
    public void A_read_that_fails_once_while_a_file_is_rewritten_loses_nothing(string work)
    {
        for (int failing = 0; ; failing++)
        {
            var disk = new HookedDisk();
            using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, PlainFiles = 0 });
            cache.Add([.. Enumerable.Range(1000, Tasks).Select(start => Some.Finished(start))]);
            cache.RotateAt(1500);
            cache.Add(Some.Finished(1400, "later"), Some.Finished(1600, "later"));
            int reads = 0;
            disk.Hook = call =>
            {
                if (call.StartsWith("read archive", StringComparison.Ordinal) && reads++ == failing)
                    throw new IOException("Input/output error", 5);
            };
            Exception? error = Record.Exception(() => Work(cache, work));
            disk.Hook = static _ => { };
            Assert.True(error is null or IOException, error?.ToString());
            Assert.Equal(Enumerable.Range(1000, Tasks).Select(start => (long)start).Reverse(), cache.Starts());
            if (reads <= failing)
                break;
        }
    }

    [Fact]
    public void Damage_is_noted_before_the_file_that_shows_it_is_replaced()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk }) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1010), Some.Finished(1020));
        cache.Apply();
        cache.Add(Some.Finished(1030));
        string[] lines = File.ReadAllLines(cache.PathOf("archive.1000"));
        File.WriteAllLines(cache.PathOf("archive.1000"), [lines[0], lines[1][..20], lines[2]]);
        disk.Hook = call =>
        {
            if (call == "rename archive.1000")
                Assert.Contains("archive.1000", File.ReadAllText(cache.PathOf("state")));
        };
        cache.Apply();
    }

    [Fact]
    public void A_plain_file_is_not_dropped_for_a_compressed_one_that_is_damaged()
    {
        using var cache = new TempCache(1000);
        cache.Add([.. Enumerable.Range(1000, 50).Select(start => Some.Finished(start))]);
        cache.RotateAt(2000);
        byte[] compressed = File.ReadAllBytes(cache.PathOf("archive.1000.zst"));
        File.WriteAllBytes(cache.PathOf("archive.1000"), Zstd.Decode(compressed));
        compressed[20] ^= 0xFF;
        File.WriteAllBytes(cache.PathOf("archive.1000.zst"), compressed);
        cache.RotateAt(3000);
        Assert.Equal(50, cache.List().Total);
        Assert.False(File.Exists(cache.PathOf("archive.1000")));
    }

    private static void Work(TempCache cache, string work)
    {
        using CacheWriter writer = cache.Cache.Write();
        switch (work)
        {
            case "apply":
                writer.ApplyJournal();
                break;
            case "rotate":
                writer.Rotate(force: true);
                break;
            default:
                writer.RenameRemote("nobody", "somebody");
                break;
        }
    }
}
