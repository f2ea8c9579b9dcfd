using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What a writer notes, finishes, leaves behind and refuses.</summary>
public sealed class CacheWriterTests
{
    private static readonly TaskCacheOptions Filling = TempCache.Small with { JournalBytesMax = 1000, JournalBytesMaxWhileFilling = 8 << 20 };

    [Fact]
    public void What_is_not_given_is_refused()
    {
        using var cache = new TempCache(1000);
        using CacheWriter writer = cache.Cache.Write();
        Assert.Throws<ArgumentNullException>("batch", () => writer.Update(null!));
        Assert.Throws<ArgumentNullException>("damage", () => writer.RequestRepair(null!));
        Assert.Throws<ArgumentNullException>("repair", () => writer.SettleRepair(null!));
        Assert.Throws<ArgumentException>("remote", () => writer.RemoveRemote("", purge: true));
        Assert.Throws<ArgumentException>("remote", () => writer.RenameRemote("", "other"));
    }

    [Fact]
    public void A_journal_is_applied_when_it_is_longer_than_it_may_be_and_history_that_comes_in_waits_longer()
    {
        using var cache = new TempCache(1000, Filling);
        TaskRecord[] history = [.. Enumerable.Range(2000, 15_000).Select(start => Some.Finished(start))];
        Assert.Null(cache.Add(history).Applied);
        Assert.True(new FileInfo(cache.PathOf("journal")).Length > 1 << 20);
        Assert.Equal(history.Length + 1, cache.Add(Some.Finished(1000)).Applied?.Rows);
        Assert.Equal(0, new FileInfo(cache.PathOf("journal")).Length);
    }

    [Fact]
    public void A_journal_may_be_as_long_as_it_may_be()
    {
        using var first = new TempCache(1000);
        first.Add(Some.Finished(1000));
        long length = new FileInfo(first.PathOf("journal")).Length;
        using var enough = new TempCache(1000, TempCache.Small with { JournalBytesMax = length });
        Assert.Null(enough.Add(Some.Finished(1000)).Applied);
        using var little = new TempCache(1000, TempCache.Small with { JournalBytesMax = length - 1 });
        Assert.Equal(1, little.Add(Some.Finished(1000)).Applied?.Rows);
    }

    // The journal is then written anew, since nobody is known to have synced it, and shows no more that something is missing in it.
    [Fact]
    public void What_is_missing_in_a_journal_is_noted_before_it_is_written_anew()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000));
        cache.Add(Some.Finished(1001));
        byte[] lines = File.ReadAllBytes(cache.PathOf("journal"));
        File.WriteAllBytes(cache.PathOf("journal"), lines[..(lines.Length / 2)]);
        cache.Reopen();
        Assert.Equal(0, cache.Add(Some.Finished(1000)).New);
        Repair repair = Assert.Single(cache.State().Repairs);
        Assert.Equal("journal", repair.Damage.File);
        Assert.Contains("was cut", repair.Damage.Problem, StringComparison.Ordinal);
    }

    // Once failed: who applied a journal that went bad since the last update, or renamed a remote, set its bad lines aside and asked nobody for them again.
    [Theory]
    [InlineData("apply")]
    [InlineData("rename")]
    public void What_is_missing_in_a_journal_is_noted_before_it_goes(string work)
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000));
        File.AppendAllText(cache.PathOf("journal"), "rubbish\n");
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
        {
            if (work == "apply")
                writer.ApplyJournal();
            else
                writer.RenameRemote("pve-remote", "other");
        }

        Assert.Equal(0, new FileInfo(cache.PathOf("journal")).Length);
        Assert.Equal("journal", Assert.Single(cache.State().Repairs).Damage.File);
    }

    // Once failed: the line was merged and stayed in the journal, under the old id.
    [Fact]
    public void A_journal_of_one_line_without_its_newline_is_empty_after_a_renaming()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.WriteAllBytes(cache.PathOf("journal"), Some.Finished(1000).ToLine());
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
            writer.RenameRemote("pve-remote", "other");
        Assert.Equal(0, new FileInfo(cache.PathOf("journal")).Length);
        Assert.Equal(Some.Upid(1000, remote: "other"), Assert.Single(cache.List().Rows).Upid);
    }

    [Theory]
    [InlineData("active")]
    [InlineData("archive.1000")]
    public void Damage_that_an_update_meets_is_noted(string file)
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Running(1001));
        cache.Apply();
        File.WriteAllText(cache.PathOf(file), "rubbish\n" + File.ReadAllText(cache.PathOf(file)));
        cache.Reopen();
        cache.Add(Some.Finished(1000), Some.Running(1001), Some.Finished(1002));
        Assert.Equal(file, Assert.Single(cache.State().Repairs).Damage.File);
    }

    [Fact]
    public void An_update_that_brings_nothing_new_writes_nothing_and_looks_no_further()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        cache.Add(Some.Finished(1000));
        var calls = new List<string>();
        disk.Hook = calls.Add;
        cache.Add(Some.Finished(1000));
        Assert.DoesNotContain(calls, call => call.StartsWith("write", StringComparison.Ordinal));

        // Whether an interrupted change is to be finished, whether the state is the one that is known, and what it says.
        Assert.Equal(3, calls.Count(call => call == "read state"));
    }

    // A remote may still call it running when it has been fetched finished, or a late answer may.
    [Theory]
    [InlineData("in the batch")]
    [InlineData("in the journal")]
    [InlineData("in an archive")]
    [InlineData("in the journal of another program")]
    public void A_task_that_is_over_is_not_running_again(string where)
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Running(900));
        TaskRecord late = Some.Running(1000);
        if (where == "in the batch")
            cache.Add(late, Some.Finished(1000));
        else if (where == "in the journal of another program")
            File.AppendAllBytes(cache.PathOf("journal"), [.. Some.Finished(1000).ToLine(), (byte)'\n']);
        else
            cache.Add(Some.Finished(1000));
        if (where == "in an archive")
            cache.Apply();
        cache.Add(late);
        string active = File.ReadAllText(cache.PathOf("active"));
        Assert.DoesNotContain(Some.Upid(1000), active, StringComparison.Ordinal);
        Assert.Contains(Some.Upid(900), active, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_that_another_program_finished_no_longer_runs(bool isRunningAnotherOne)
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Running(1000), Some.Running(1001));
        File.AppendAllBytes(cache.PathOf("journal"), [.. Some.Finished(1000).ToLine(), (byte)'\n']);
        cache.Add(isRunningAnotherOne ? [Some.Running(1002)] : [Some.Finished(1003)]);
        string active = File.ReadAllText(cache.PathOf("active"));
        Assert.DoesNotContain(Some.Upid(1000), active, StringComparison.Ordinal);
        Assert.Contains(Some.Upid(1001), active, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_is_made_anew_asks_for_what_is_damaged()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1001));
        cache.Apply();
        string[] lines = File.ReadAllLines(cache.PathOf("archive.1000"));
        File.WriteAllLines(cache.PathOf("archive.1000"), [lines[0], lines[1][..20], .. lines[2..]]);
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
            writer.RebuildState();
        Assert.Equal("archive.1000", Assert.Single(cache.State().Repairs).Damage.File);
    }

    [Fact]
    public void Names_without_the_kind_of_their_remote_get_it()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Running(1000, upid: Some.Upid(1000)["pve:".Length..]), Some.Finished(1001, upid: Some.Upid(1001)["pve:".Length..]));
        Assert.Equal([Some.Upid(1001), Some.Upid(1000)], cache.List().Rows.Select(row => row.Upid));
        Assert.Contains(Some.Upid(1000), File.ReadAllText(cache.PathOf("active")), StringComparison.Ordinal);
        Assert.Contains(Some.Upid(1001), File.ReadAllText(cache.PathOf("journal")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData('é')]
    public void Lines_may_be_many_times_as_long_as_others(char status)
    {
        using var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 64 << 20 });
        string[] statuses = [.. Enumerable.Range(0, 60).Select(i => new string(status, i * 100))];
        cache.Add([.. statuses.Select((text, i) => Some.Finished(1000 + i, $"s{text}"))]);
        cache.Reopen();
        Assert.Equal(statuses.Select(text => $"s{text}").Reverse(), cache.List().Rows.Select(row => row.Status));
    }

    [Fact]
    public void A_line_and_a_torn_one_of_the_same_length_are_a_journal_to_apply()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.AppendAllBytes(cache.PathOf("journal"), new byte[new FileInfo(cache.PathOf("journal")).Length]);
        cache.Reopen();
        Assert.Equal(1, cache.Apply().Rows);
    }

    // It went bad after it was read, and is known only by where its lines lie.
    [Fact]
    public void A_line_that_goes_bad_before_it_is_merged_stops_one_apply_and_no_more()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1001));
        cache.Reopen();
        using CacheWriter writer = cache.Cache.Write();
        Assert.Null(writer.Rotate().Begun);
        byte[] lines = File.ReadAllBytes(cache.PathOf("journal"));
        lines[0] = (byte)'x';
        File.WriteAllBytes(cache.PathOf("journal"), lines);
        Assert.Equal(CacheError.WentBad, Assert.Throws<CacheException>(() => writer.ApplyJournal()).Error);
        Assert.Equal(1, writer.ApplyJournal().Rows);
        Assert.Equal([1000], cache.Starts());
        Assert.Equal("journal", Assert.Single(cache.State().Repairs).Damage.File);
    }

    [Fact]
    public void A_rotation_names_what_it_made_and_completes_indexes()
    {
        using TempCache cache = Rotated(out RotateResult rotated);
        Assert.Equal(("archive.2000", "archive.1000.zst"), (rotated.Begun, Assert.Single(rotated.Compressed)));
        File.Delete(cache.PathOf("archive.1000.idx"));
        File.WriteAllText(cache.PathOf("archive.7.idx"), "of an archive that is gone");
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
            writer.Rotate();
        Assert.True(File.Exists(cache.PathOf("archive.1000.idx")));
        Assert.False(File.Exists(cache.PathOf("archive.7.idx")));
    }

    [Fact]
    public void Mending_finishes_what_a_compression_left_and_completes_indexes()
    {
        using TempCache cache = Rotated(out _);
        File.WriteAllBytes(cache.PathOf("archive.1000"), [.. Some.Finished(1000).ToLine(), (byte)'\n']);
        File.Delete(cache.PathOf("archive.1000.idx"));
        File.WriteAllText(cache.PathOf("active"), "rubbish\n");
        cache.Reopen();
        using (CacheWriter writer = cache.Cache.Write())
            Assert.Equal("active", Assert.Single(writer.Mend().Files).File);
        Assert.False(File.Exists(cache.PathOf("archive.1000")));
        Assert.True(File.Exists(cache.PathOf("archive.1000.idx")));
    }

    [Fact]
    public void A_writer_leaves_no_archive_open_that_was_replaced_and_no_lock()
    {
        using var cache = new TempCache(1000);
        for (int i = 0; i < 10; i++)
        {
            cache.Add(Some.Finished(1000 + i), Some.Running(2000 + i));
            cache.Apply();
        }

        cache.RotateAt(3000);
        cache.Starts();
        string[] open = [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()
            .Where(path => path.StartsWith(cache.Path, StringComparison.Ordinal) && !path.StartsWith(cache.PathOf("journal"), StringComparison.Ordinal))];
        Assert.DoesNotContain(open, path => path.EndsWith("(deleted)", StringComparison.Ordinal));
        Assert.DoesNotContain(open, path => path.EndsWith(".lock", StringComparison.Ordinal) || path.EndsWith(".writer", StringComparison.Ordinal));
    }

    private static TempCache Rotated(out RotateResult rotated)
    {
        var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        rotated = cache.RotateAt(2000);
        cache.Add(Some.Finished(2000));
        cache.Apply();
        return cache;
    }
}
