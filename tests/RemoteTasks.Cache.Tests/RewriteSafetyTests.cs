using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A file that is written anew loses nothing silently.</summary>
public sealed class RewriteSafetyTests
{
    private static readonly int Tasks = Effort.Of(usual: 1_500, nightly: 3_000, mutation: 650);
    private static readonly int Step = Effort.Of(usual: 1, nightly: 1, mutation: 5);

    // Invariants checked: whichever read of an archive fails, once or from then on, and whether apply, rotation, compression or renaming was at work, an error of the disk
    // is an error of the call, or the call did all that it does; and no task is missing when the disk works again.
    [Theory]
    [InlineData("apply", false)]
    [InlineData("apply", true)]
    [InlineData("rotate", false)]
    [InlineData("rotate", true)]
    [InlineData("compress", false)]
    [InlineData("compress", true)]
    [InlineData("rename", false)]
    [InlineData("rename", true)]
    public void A_read_that_fails_while_a_file_is_rewritten_loses_nothing(string work, bool lasts)
    {
        for (int failing = 0; ; failing += Step)
        {
            var disk = new HookedDisk();
            using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, PlainFiles = work == "compress" ? 2 : 0 });
            cache.Add([.. Enumerable.Range(1000, Tasks).Select(start => Some.Finished(start))]);
            cache.RotateAt(1500);
            cache.Add(Some.Finished(1400, "later"), Some.Finished(1600, "later"));
            int reads = 0;
            disk.Hook = call =>
            {
                if (call.StartsWith("read archive", StringComparison.Ordinal) && (lasts ? reads++ >= failing : reads++ == failing))
                    throw new IOException("Input/output error", 5);
            };
            Exception? error = Record.Exception(() => Work(cache, work));
            disk.Hook = static _ => { };
            Assert.True(error is IOException or null, $"read {failing}: {error}");
            Assert.True(error is null || lasts || work != "apply", $"read {failing}: {error}");
            Assert.True(error is not null || work != "apply" || new FileInfo(cache.PathOf("journal")).Length == 0);
            Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
            Assert.Equal(Enumerable.Range(1000, Tasks).Select(start => (long)start).Reverse(), cache.Starts());
            cache.Reopen();
            if (error is null)
                Assert.Empty(cache.Cache.Check().Findings);
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

    // The disk says that it wrote what it was given.
    [Fact]
    public void A_file_that_reads_back_differently_when_it_was_compressed_stays_plain()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add([.. Enumerable.Range(1000, 50).Select(start => Some.Finished(start))]);
        int compressions = 0;
        disk.Hook = call =>
        {
            if (!call.StartsWith("sync ", StringComparison.Ordinal) || cache.PathOf(call[5..]) is not { } path || !File.Exists(path))
                return;
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length < 60 || !path.EndsWith(".tmp", StringComparison.Ordinal) || bytes[0] == (byte)'{')
                return;
            compressions++;
            bytes[40] ^= 0xFF;
            File.WriteAllBytes(path, bytes);
        };
        IOException error = Assert.Throws<IOException>(() => cache.RotateAt(2000));
        disk.Hook = static _ => { };
        Assert.Contains("'archive.1000' was compressed, but reads back differently", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, compressions);
        Assert.True(File.Exists(cache.PathOf("archive.1000")));
        Assert.Equal(50, cache.List().Total);
        cache.RotateAt(2000);
        Assert.True(File.Exists(cache.PathOf("archive.1000.zst")));
        Assert.Equal(50, cache.List().Total);
    }

    // Once an archive no longer has what was split off from it, nothing else has.
    [Fact]
    public void Names_of_what_is_split_off_are_durable_before_the_archive_is_replaced()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(
            5000, TempCache.Small with { Disk = disk, RotateAfter = TimeSpan.FromSeconds(1000), RetainFilesMax = null, InitialFiles = 2, JournalBytesMax = 16 << 20 });
        cache.Add(Some.Finished(5100), Some.Finished(4100));
        cache.Add([.. Enumerable.Range(0, Limits.SplitRowsMin).Select(i => Some.Finished(2000, upid: Some.Upid(2000, node: $"n{i}")))]);
        var calls = new List<string>();
        disk.Hook = calls.Add;
        cache.Apply();
        disk.Hook = static _ => { };
        Assert.Equal(Limits.SplitRowsMin + 2, cache.List(new TaskQuery { Limit = 1 }).Total);
        Assert.Equal(["archive.5000", "archive.4000.zst", "archive.2000.zst"], cache.Archives());
        string[] steps = ["rename archive.2000.zst", "syncdir remote-tasks", "rename archive.4000.zst"];
        Assert.Equal([.. steps, "syncdir remote-tasks"], calls.SkipWhile(call => call != steps[0]).Where(steps.Contains).Take(4));
    }

    // What is read back may be whole in itself, and something else.
    [Fact]
    public void A_file_that_reads_back_as_another_one_when_it_was_compressed_stays_plain()
    {
        using var other = new TempCache(1000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        other.Add(Some.Finished(1000, "another"));
        other.Apply();
        byte[] others = File.ReadAllBytes(other.PathOf("archive.1000.zst"));
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, InitialFiles = 1 });
        cache.Add(Some.Finished(1000));
        cache.Apply();
        disk.Hook = call =>
        {
            if (call.StartsWith("sync ", StringComparison.Ordinal) && call.EndsWith(".tmp", StringComparison.Ordinal) && File.ReadAllBytes(cache.PathOf(call[5..])) is [not (byte)'{', ..])
                File.WriteAllBytes(cache.PathOf(call[5..]), others);
        };
        Assert.Throws<IOException>(() => cache.RotateAt(2000));
        disk.Hook = static _ => { };
        Assert.Equal("OK", Assert.Single(cache.List().Rows).Status);
        Assert.True(File.Exists(cache.PathOf("archive.1000")));
    }

    [Fact]
    public void Damage_is_noted_before_a_file_that_is_only_compressed_goes()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, InitialFiles = 1, PlainFiles = 2 }) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1010));
        cache.Apply();
        cache.RotateAt(2000);
        string[] lines = File.ReadAllLines(cache.PathOf("archive.1000"));
        File.WriteAllLines(cache.PathOf("archive.1000"), [lines[0][..20], .. lines[1..]]);
        bool isNoted = false;
        disk.Hook = call => isNoted |= call == "rename archive.1000.zst" && File.ReadAllText(cache.PathOf("state")).Contains("archive.1000", StringComparison.Ordinal);
        using (CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { PlainFiles = 1 }).Write())
            Assert.Equal(["archive.1000.zst"], writer.Rotate().Compressed);
        Assert.True(isNoted);
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

    [Fact]
    public void What_neither_of_two_files_has_is_noted_before_one_takes_over_from_the_other()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk }) { IsDamaged = true };
        cache.Add([.. Enumerable.Range(1000, 50).Select(start => Some.Finished(start))]);
        cache.RotateAt(2000);
        byte[] compressed = File.ReadAllBytes(cache.PathOf("archive.1000.zst"));
        string[] lines = System.Text.Encoding.UTF8.GetString(Zstd.Decode(compressed)).Split('\n');
        File.WriteAllText(cache.PathOf("archive.1000"), string.Join('\n', lines[10..]));
        compressed[20] ^= 0xFF;
        File.WriteAllBytes(cache.PathOf("archive.1000.zst"), compressed);
        bool isNoted = false;
        disk.Hook = call => isNoted |= call == "rename archive.1000.zst" && File.ReadAllText(cache.PathOf("state")).Contains("archive.1000.zst", StringComparison.Ordinal);
        cache.RotateAt(3000);
        Assert.True(isNoted);
        Assert.Equal(40, cache.List().Total);
    }

    [Fact]
    public void A_damaged_journal_is_kept_as_it_was_when_a_renaming_goes_through_it()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000));
        File.AppendAllText(cache.PathOf("journal"), "rubbish\n");
        byte[] journal = File.ReadAllBytes(cache.PathOf("journal"));
        using (CacheWriter writer = cache.Cache.Write())
            writer.RenameRemote("pve-remote", "renamed");
        Assert.Equal([1000], cache.Starts(new TaskQuery { Remote = "renamed" }));
        Assert.Equal(journal, File.ReadAllBytes(Assert.Single(Directory.GetFiles(cache.Path, "journal.damaged.*"))));
        Assert.Empty(File.ReadAllBytes(cache.PathOf("journal")));
    }

    private static void Work(TempCache cache, string work)
    {
        TaskCache opened = work == "compress" ? TaskCache.Open(cache.Path, cache.Options with { PlainFiles = 1 }) : cache.Cache;
        using CacheWriter writer = opened.Write();
        switch (work)
        {
            case "apply":
                writer.ApplyJournal();
                break;
            case "rotate":
                // A part of the newest file moves over.
                cache.Clock.Advance(TimeSpan.FromSeconds(50));
                Assert.NotNull(writer.Rotate(force: true).Begun);
                break;
            case "compress":
                Assert.NotEmpty(writer.Rotate().Compressed);
                break;
            default:
                writer.RenameRemote("nobody", "somebody");
                break;
        }
    }
}
