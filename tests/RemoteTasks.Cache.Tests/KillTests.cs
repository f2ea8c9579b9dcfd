using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A process that ends between any two calls to the disk.</summary>
public sealed class KillTests
{
    private const long Day = 86_400;
    private const long Now = 100 * Day;

    // Invariants checked: after an end before each single call to the disk, everything that had been acknowledged is shown, once and in
    // its latest version, nothing else is, and doing the same again leads to the same end as if nothing had happened.
    [Theory]
    [InlineData("update")]
    [InlineData("apply")]
    [InlineData("rotate")]
    [InlineData("rename")]
    [InlineData("remove")]
    public void An_end_before_any_call_to_the_disk_loses_and_repeats_nothing(string work)
    {
        bool isOver = false;
        for (int end = 0; !isOver; end++)
        {
            var disk = new HookedDisk();
            using TempCache cache = Filled(disk, 40);
            isOver = !Killed(cache, disk, end, work, static _ => true);
            Verify(cache, work);
        }
    }

    [Fact]
    public void An_end_between_the_steps_of_a_split_loses_and_repeats_nothing()
    {
        bool isOver = false;
        for (int end = 0; !isOver; end++)
        {
            var disk = new HookedDisk();
            using TempCache cache = Filled(disk, 16_500);
            isOver = !Killed(cache, disk, end, "apply", call => call.StartsWith("rename", StringComparison.Ordinal));
            Verify(cache, "apply");
            if (isOver)
                Assert.True(cache.Archives().Length > 3);
        }
    }

    /// <summary>Tasks of some days, partly in archives and changed by the journal, and one that runs.</summary>
    private static TempCache Filled(HookedDisk disk, int tasksPerDay)
    {
        var cache = new TempCache(Now, new TaskCacheOptions { Disk = disk, InitialFiles = 2, PlainFiles = 1, JournalBytesMax = 1 << 30, RotateRowsMax = null });
        IEnumerable<long> starts = Enumerable.Range(-3, tasksPerDay < 100 ? 4 : 2).SelectMany(day => Enumerable.Range(0, tasksPerDay).Select(i => Now + (day * Day) + i));
        if (tasksPerDay < 100)
        {
            cache.Add([.. starts.Select(start => Some.Finished(start, "first"))]);
            cache.Apply();
        }

        cache.Add([.. starts.Where((_, i) => tasksPerDay > 100 || i % 3 == 0).Select(start => Some.Finished(start, "later")), Some.Running(Now + 500_000), Some.Finished(5, "old")]);
        cache.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(Now + Day));
        return cache;
    }

    /// <summary>Does the work with a process that ends before the given call; false when the work was done before that.</summary>
    private static bool Killed(TempCache cache, HookedDisk disk, int end, string work, Func<string, bool> counts)
    {
        int calls = 0;
        bool isDead = false;
        disk.Hook = call =>
        {
            isDead |= counts(call) && calls++ == end;
            if (isDead)
                throw new EndOfProcessException();
        };
        string[] before = Show(cache);
        Exception? error = Record.Exception(() => Work(cache, work));
        disk.Hook = static _ => { };
        Assert.Equal(isDead, error is not null);
        cache.Reopen();
        if (work is "apply" or "rotate" || (work is "update" && isDead))
            Assert.Subset(Show(cache).ToHashSet(), before.Where(row => work != "update" || !row.Contains("|first|", StringComparison.Ordinal)).ToHashSet());
        Work(cache, work);
        return isDead;

        string[] Show(TempCache from)
        {
            Action<string> hook = disk.Hook;
            disk.Hook = static _ => { };
            string[] rows = [.. from.List().Rows.Where(row => row.EndTime is not null).Select(ModelTask.Show)];
            disk.Hook = hook;
            return rows;
        }
    }

    private static void Verify(TempCache cache, string work)
    {
        IReadOnlyList<TaskRow> rows = cache.List().Rows;
        Assert.Equal(rows.DistinctBy(row => row.Upid).OrderByDescending(row => row.StartTime).Select(row => row.Upid), rows.Select(row => row.Upid));
        if (work == "remove")
        {
            Assert.Empty(rows);
            return;
        }

        Assert.Equal(work == "update" ? 0 : 1, rows.Count(row => row.EndTime is null));
        Assert.Equal(work == "rename" ? 0 : rows.Count, rows.Count(row => row.Remote == "pve-remote"));
        Assert.Equal(2, rows.Count(row => row.StartTime is 5 or (Now + 500_000)));
        Assert.Equal(rows.Count - 2, rows.Select(row => row.StartTime).Count(start => start is > Now - (4 * Day) and < Now + Day));
        Assert.Equal(0, (rows.Count - 2) % 4);
        Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
    }

    private static void Work(TempCache cache, string work)
    {
        using CacheWriter writer = cache.Cache.Write();
        switch (work)
        {
            case "update":
                writer.Update(new TaskBatch { Tasks = [Some.Finished(Now + 500_000), Some.Finished(Now + 2, "later")], Nodes = [new NodeReport("r", "n", 1) { Cutoff = 7 }] });
                break;
            case "apply":
                writer.ApplyJournal();
                break;
            case "rotate":
                writer.Rotate();
                break;
            case "rename":
                writer.RenameRemote("pve-remote", "renamed");
                break;
            default:
                writer.RemoveRemote("pve-remote", purge: true);
                break;
        }
    }

    /// <summary>Nothing that a disk throws: nobody may go on.</summary>
    private sealed class EndOfProcessException() : Exception("The process has ended.");
}
