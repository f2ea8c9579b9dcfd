using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Faults that the reference was seen to have (the numbers are those of the list of them), and that must not be here.</summary>
public sealed class ProvenFaultTests
{
    private const long Day = 86_400;

    [Fact]
    public void W1_a_running_task_with_the_status_RUNNING_is_not_an_error()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Running(1000, "RUNNING"), Some.Finished(1001, "failed"));
        Assert.Equal([1001], cache.Starts(new TaskQuery { Statuses = [StatusClass.Error] }));
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal(new StatusCounts(0, 0, 1, 0, 1), reader.Statistics(new TaskQuery()).All);
    }

    [Fact]
    public void W2_an_old_running_task_neither_breaks_the_order_nor_doubles_rows()
    {
        using var cache = new TempCache(1000);
        TaskRecord[] tasks = [.. Enumerable.Range(1000, 5).Select(start => Some.Finished(start))];
        cache.Add([Some.Running(990), .. tasks]);
        cache.Apply();
        cache.Add([Some.Running(990), .. tasks, Some.Finished(980)]);
        Assert.Equal([1004, 1003, 1002, 1001, 1000, 990, 980], cache.Starts());
        Assert.Equal(7, cache.List().Total);
    }

    [Fact]
    public void W6_a_task_that_ran_longer_than_the_history_is_kept_when_it_ends()
    {
        using var cache = new TempCache(100 * Day, TempCache.Small with { RotateAfter = TimeSpan.FromDays(1) });
        cache.Add(Some.Running(3 * Day));
        cache.Add(Some.Finished(3 * Day, "OK", 97 * Day));
        cache.Apply();
        Assert.Equal(100 * Day, Assert.Single(cache.List().Rows).EndTime);
    }

    [Fact]
    public void W10_a_clock_that_was_years_ahead_once_does_not_stop_rotation()
    {
        using var cache = new TempCache(100 * Day, TempCache.Small with { RotateAfter = TimeSpan.FromDays(1), RetainFilesMax = 40 });
        cache.Add(Some.Finished(100 * Day));
        Assert.NotNull(cache.RotateAt(3_750 * Day).Begun);
        for (int day = 101; day <= 130; day++)
        {
            Assert.Equal($"archive.{day * Day}", cache.RotateAt(day * Day).Begun);
            cache.Add(Some.Finished(day * Day));
        }

        cache.Apply();
        Assert.Equal(31, cache.List().Total);
    }

    [Fact]
    public void W13_a_torn_line_in_the_journal_does_not_swallow_the_next_record()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        File.AppendAllText(cache.PathOf("journal"), "{\"upid\":\"pve:pve-remote!UPID:pve:0003");
        cache.Add(Some.Finished(1001));
        Assert.Equal([1001, 1000], cache.Starts());
        cache.Apply();
        Assert.Equal([1001, 1000], cache.Starts());
    }

    [Fact]
    public void W14_an_invalid_byte_in_the_journal_costs_its_own_line_only()
    {
        using var cache = new TempCache(1000);
        cache.Add([.. Enumerable.Range(1000, 51).Select(start => Some.Finished(start))]);
        byte[] journal = File.ReadAllBytes(cache.PathOf("journal"));
        journal[journal.Length / 2] = 0xFF;
        File.WriteAllBytes(cache.PathOf("journal"), journal);
        cache.Reopen();
        Assert.Equal(50, cache.List().Total);
        Assert.Equal(1, cache.Apply().BadLines);
        Assert.Equal(50, cache.List().Total);
        Assert.Equal(journal, File.ReadAllBytes(Assert.Single(Directory.GetFiles(cache.Path, "journal.damaged.*"))));
    }

    [Fact]
    public void W16_damage_that_cannot_be_refilled_is_asked_for_once_and_then_over()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000), Some.Finished(1001), Some.Finished(1002));
        cache.RotateAt(2000);
        byte[] archive = File.ReadAllBytes(cache.PathOf("archive.1000.zst"));
        archive[SeekTable.Head.Length + 10] ^= 0xFF;
        File.WriteAllBytes(cache.PathOf("archive.1000.zst"), archive);
        for (int round = 0; round < 3; round++)
        {
            using CacheWriter writer = cache.Cache.Write();
            using CacheReader reader = writer.Read();
            reader.Statistics(new TaskQuery());
            Assert.Equal(round == 0, writer.RequestRepair(reader.Damage));
            foreach (Repair repair in cache.State().Repairs.Where(repair => repair.Settled is null))
                writer.SettleRepair(repair);
        }

        Assert.Single(cache.State().Repairs);
    }

    [Fact]
    public void W17_ten_thousand_bad_lines_are_one_finding()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000));
        cache.Apply();
        File.AppendAllText(cache.PathOf("archive.1000"), string.Concat(Enumerable.Repeat("bad line\n", 10_000)));
        using CacheReader reader = cache.Cache.Read();
        Assert.Single(reader.List(new TaskQuery()).Rows);
        Assert.Equal(10_000, Assert.Single(reader.Damage).Lines);
    }

    [Fact]
    public void W18_an_archive_that_cannot_be_opened_is_an_error_that_names_it()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000));
        cache.Apply();
        File.Delete(cache.PathOf("archive.1000"));
        File.CreateSymbolicLink(cache.PathOf("archive.1000"), "/dev/null");
        Assert.Contains("archive.1000", Assert.ThrowsAny<IOException>(() => cache.Cache.Read()).Message);
    }

    [Fact]
    public void W19_of_two_versions_the_later_written_is_shown_before_and_after_the_apply()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000, "OK"));
        cache.Apply();
        cache.Add(Some.Finished(1000, "unexpected status"), Some.Finished(1001, "first"), Some.Finished(1001, "second"));
        Assert.Equal(["second", "unexpected status"], cache.List().Rows.Select(row => row.Status));
        cache.Apply();
        Assert.Equal(["second", "unexpected status"], cache.List().Rows.Select(row => row.Status));
    }

    [Fact]
    public void W20_a_damaged_state_is_rebuilt_from_what_is_stored()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000), Some.Finished(1005), Some.Finished(1003, upid: Some.PbsUpid(1003)));
        cache.Apply();

        // A batch of which a power failure left the newest task alone: its cut-off would claim the others.
        cache.Add(Some.Finished(1010));
        File.WriteAllText(cache.PathOf("state"), "{\"remote-state\":");
        cache.Add();
        Assert.Equal(1005, cache.State().Find("pve-remote", "pve")?.Cutoff);
        Assert.Equal(1003, cache.State().Find("pbs-remote", "localhost")?.Cutoff);
        Assert.Single(Directory.GetFiles(cache.Path, "state.damaged.*"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void W21_a_removed_remote_leaves_the_state_and_its_tasks_only_when_they_are_to_be_kept(bool purge)
    {
        using TempCache cache = TwoRemotes();
        using (CacheWriter writer = cache.Cache.Write())
            writer.RemoveRemote("gone", purge);
        Assert.Equal(purge ? 0 : 2, cache.List(new TaskQuery { Remote = "gone" }).Total);
        Assert.Equal(3, cache.List(new TaskQuery { Remote = "pve-remote" }).Total);
        Assert.Null(cache.State().Find("gone", "pve"));
        Assert.Empty(cache.State().TrackedTasks);
        Assert.NotNull(cache.State().Find("pve-remote", "pve"));
    }

    [Fact]
    public void W22_a_renamed_remote_has_its_history_once_under_the_new_name()
    {
        using TempCache cache = TwoRemotes();
        using (CacheWriter writer = cache.Cache.Write())
            writer.RenameRemote("gone", "found");
        Assert.Equal(0, cache.List(new TaskQuery { Remote = "gone" }).Total);
        Assert.Equal([1003, 1002, 1000], cache.Starts(new TaskQuery { Remote = "found" }));
        Assert.Equal(6, cache.List().Total);
        Assert.Equal(1002, cache.State().Find("found", "pve")?.Cutoff);
        Assert.StartsWith("pve:found!", Assert.Single(cache.State().TrackedTasks), StringComparison.Ordinal);
    }

    [Fact]
    public void W26_files_that_a_batch_does_not_touch_are_not_rewritten()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(7 * Day, TempCache.Small with { RotateAfter = TimeSpan.FromDays(1), InitialFiles = 7, RetainFilesMax = 7, Disk = disk });
        cache.Add([.. Enumerable.Range(1, 7).Select(day => Some.Finished(day * Day)), Some.Running((7 * Day) + 1)]);
        cache.Apply();
        var calls = new List<string>();
        disk.Hook = calls.Add;
        cache.Add(Some.Finished(4 * Day, "late"));
        cache.Apply();
        Assert.Equal([$"rename archive.{4 * Day}.zst", $"rename archive.{4 * Day}.idx", "rename journal"], calls.Where(call => call.StartsWith("rename", StringComparison.Ordinal)));

        calls.Clear();
        cache.Add(Some.Finished(4 * Day, "late"), Some.Running((7 * Day) + 1));
        Assert.Empty(cache.Apply().Damage);
        Assert.DoesNotContain(calls, call => call.Split(' ')[0] is "write" or "rename" or "sync" or "cut");
    }

    [Fact]
    public void W27_a_task_that_is_tracked_twice_is_one_row()
    {
        using var cache = new TempCache(1000);
        for (int i = 0; i < 2; i++)
        {
            using CacheWriter writer = cache.Cache.Write();
            writer.Update(new TaskBatch { Tasks = [Some.Running(1000), Some.Running(1000)], Track = [Some.Upid(1000), Some.Upid(1000)] });
        }

        Assert.Equal(1, cache.List().Total);
        Assert.Single(cache.State().TrackedTasks);
        Assert.Single(File.ReadAllLines(cache.PathOf("active"), Encoding.UTF8));
    }

    private static TempCache TwoRemotes()
    {
        var cache = new TempCache(1000);
        string Gone(long start) => Some.Upid(start, remote: "gone");
        using CacheWriter writer = cache.Cache.Write();
        writer.Update(new TaskBatch { Tasks = [Some.Finished(1000), Some.Finished(1001), Some.Finished(1000, upid: Gone(1000))] });
        writer.ApplyJournal();
        writer.Update(new TaskBatch
        {
            Tasks = [Some.Finished(1002), Some.Finished(1002, upid: Gone(1002)), Some.Running(1003, upid: Gone(1003))],
            Nodes = [new NodeReport("gone", "pve", 1) { Cutoff = 1002 }, new NodeReport("pve-remote", "pve", 1) { Cutoff = 1002 }],
            Track = [Gone(1003)],
        });
        return cache;
    }
}
