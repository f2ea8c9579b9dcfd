using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What the disk has not confirmed is shown to nobody in the process, and written by nobody after a sync that failed.</summary>
public sealed class ConfirmedTests
{
    // Longer than it takes until what was read is relied on for as long as files look the same.
    private static readonly TimeSpan UntilRelied = TimeSpan.FromMilliseconds(150);

    // Once failed: a line was shown between its write and its sync; the disk was full, and the line was not there after the next start.
    [Theory]
    [InlineData("sync journal")]
    [InlineData("rename active")]
    [InlineData("rename state")]
    [InlineData("syncdir remote-tasks")]
    public async Task What_the_disk_has_not_confirmed_yet_is_shown_to_nobody(string call)
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        TaskRecord running = Some.Running(1002);
        long[] shown = [];
        disk.Hook = told =>
        {
            if (told == call)
                Task.Run(LookTwiceAsync).GetAwaiter().GetResult();
        };
        using (CacheWriter writer = cache.Cache.Write())
            writer.Update(new TaskBatch { Tasks = [Some.Finished(1001), running], Nodes = [new NodeReport("pve-1", "n1", 1) { Cutoff = 1001 }] });
        Assert.Equal([1000], shown);
        Assert.Equal([1002, 1001, 1000], cache.Starts());

        await Task.Delay(UntilRelied, TestContext.Current.CancellationToken);
        Assert.Equal([1002, 1001, 1000], cache.Starts());

        async Task LookTwiceAsync()
        {
            for (int i = 0; i < 2; i++)
            {
                shown = cache.Starts();
                Assert.Equal([1000], shown);
                Assert.Null(cache.State().Find("pve-1", "n1"));
                await Task.Delay(UntilRelied, TestContext.Current.CancellationToken);
            }
        }
    }

    // Found by a scheduler: a reader of two programs saw a task, and then did not see it.
    [Fact]
    public async Task Another_program_shows_what_the_kernel_shows_until_the_disk_has_it()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        var other = TaskCache.Open(cache.Path, TempCache.Small);
        (long[] There, long[] Here) shown = ([], []);
        disk.Hook = call =>
        {
            if (call == "sync journal")
                Task.Run(() => shown = (Starts(other), cache.Starts())).GetAwaiter().GetResult();
        };
        await Task.Run(() => cache.Add(Some.Finished(1001)), TestContext.Current.CancellationToken);
        Assert.Equal([1001, 1000], shown.There);
        Assert.Equal([1000], shown.Here);
        Assert.Equal([1001, 1000], cache.Starts());
        Assert.Equal([1001, 1000], Starts(other));

        static long[] Starts(TaskCache cache)
        {
            using CacheReader reader = cache.Read();
            return [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.StartTime)];
        }
    }

    [Fact]
    public async Task What_the_disk_did_not_confirm_is_not_shown_by_the_process_that_knows_it()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        disk.Hook = call =>
        {
            if (call == "sync journal")
                throw new SyncException("Input/output error", 5);
        };
        Assert.Equal(CacheError.SyncFailed, Assert.Throws<CacheException>(() => cache.Add(Some.Finished(1001))).Error);
        Assert.Equal([1000], cache.Starts());
        disk.Hook = static _ => { };
        await Task.Delay(UntilRelied, TestContext.Current.CancellationToken);
        Assert.Equal([1000], cache.Starts());

        // The kernel may still have it: then the next process makes sure of it.
        cache.Reopen();
        cache.Add();
        Assert.Equal([1001, 1000], cache.Starts());
    }

    [Fact]
    public void What_goes_bad_after_a_sync_that_failed_is_named_and_the_rest_is_shown()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, PlainFiles = 0 }) { IsDamaged = true };
        cache.Add([.. Enumerable.Range(0, 1_000).Select(i => Some.Finished(2_000 + i))]);
        cache.Apply();
        cache.Add(Some.Finished(3_000));
        disk.Hook = call =>
        {
            if (call == "sync journal")
                throw new SyncException("Input/output error", 5);
        };
        Assert.Throws<CacheException>(() => cache.Add(Some.Finished(3_001)));
        string path = cache.PathOf("archive.1000.zst");
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(100, 50).Clear();
        File.WriteAllBytes(path, bytes);
        Record.Exception(() => cache.Starts());
        long[] starts = cache.Starts();
        Assert.Equal(3_000, starts[0]);
        Assert.InRange(starts.Length, 500, 1_000);
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal("archive.1000.zst", Assert.Single(reader.Damage).File);
    }

    // Invariants checked: whichever call of an update fails, and however it fails, what it was to store is shown only when an update has made sure of it:
    // of the journal, and of the names.
    [Theory]
    [InlineData("write journal", 1)]
    [InlineData("rename active", 1)]
    [InlineData("syncdir remote-tasks", 1)]
    [InlineData("rename state", 1)]
    [InlineData("syncdir remote-tasks", 2)]
    public void What_an_update_left_half_done_is_shown_when_the_next_one_has_made_sure_of_it(string call, int time)
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        var batch = new TaskBatch { Tasks = [Some.Finished(1001), Some.Running(1002)], Nodes = [new NodeReport("pve-1", "n1", 1) { Cutoff = 1001 }] };
        int left = time;
        disk.Hook = told =>
        {
            if (told == call && --left == 0)
                throw new IOException("Too many open files");
        };
        using (CacheWriter writer = cache.Cache.Write())
            Assert.Throws<IOException>(() => writer.Update(batch));
        var calls = new List<string>();
        disk.Hook = calls.Add;
        Assert.Equal([1000], cache.Starts());
        Assert.Null(cache.State().Find("pve-1", "n1"));
        cache.Add();
        Assert.Contains("syncdir remote-tasks", calls);
        long[] there = cache.Starts();
        Assert.Equal(call == "write journal" ? [1000] : call == "rename active" ? [1001, 1000] : [1002, 1001, 1000], there);
        using (CacheWriter writer = cache.Cache.Write())
            writer.Update(batch);
        Assert.Equal([1002, 1001, 1000], cache.Starts());
        Assert.Equal(1001, cache.State().Find("pve-1", "n1")!.Cutoff);
    }

    [Fact]
    public void Who_writes_sees_what_is_there_confirmed_or_not()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        disk.Hook = static call => _ = call == "rename active" ? throw new IOException("No space left on device") : 0;
        Assert.Throws<IOException>(() => cache.Add(Some.Finished(1001), Some.Running(1002)));
        disk.Hook = static _ => { };
        using (CacheWriter writer = cache.Cache.Write())
        {
            using CacheReader reader = writer.Read();
            Assert.Equal([1001, 1000], reader.List(new TaskQuery()).Rows.Select(row => row.StartTime));
            Assert.Equal([1000], cache.Starts());
        }

        Assert.Equal(2, cache.Apply().Rows);
        Assert.Equal([1001, 1000], cache.Starts());
    }

    [Fact]
    public void Half_an_append_that_cannot_be_taken_back_is_not_shown_until_it_is_durable()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        TaskRecord[] history = [.. Enumerable.Range(1001, 500).Select(start => Some.Finished(start, new string('x', 5_000)))];
        int writes = 0;
        disk.Hook = call =>
        {
            if ((call == "write journal" && ++writes == 2) || call == "cut journal")
                throw new IOException("Read-only file system");
        };
        Assert.Throws<IOException>(() => cache.Add(history));
        Assert.True(new FileInfo(cache.PathOf("journal")).Length > 1 << 20);
        Assert.Equal([1000], cache.Starts());
        disk.Hook = call =>
        {
            if (call.EndsWith(".tmp", StringComparison.Ordinal))
                throw new IOException("Read-only file system");
        };
        Assert.Throws<IOException>(() => cache.Add());
        Assert.Equal([1000], cache.Starts());
        var calls = new List<string>();
        disk.Hook = calls.Add;
        cache.Add();
        Assert.Contains("rename journal", calls);
        Assert.InRange(cache.Starts().Length, 100, history.Length);
        cache.Add(history);
        Assert.Equal(history.Length + 1, cache.Starts().Length);
    }

    // What cannot be read in what is held back is named as long as that is shown, and nothing else that is bad is forgotten or named twice.
    [Fact]
    public void What_was_bad_in_the_running_list_stays_named_after_a_sync_that_failed()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk }) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Running(1001));
        File.AppendAllText(cache.PathOf("active"), "this is no task\n");
        Assert.Equal(["active"], Named());
        disk.Hook = static call => _ = call == "sync journal" ? throw new SyncException("Input/output error", 5) : 0;
        Assert.Throws<CacheException>(() => cache.Add(Some.Finished(1002)));
        disk.Hook = static _ => { };
        Assert.Equal(["active"], Named());
        Assert.Equal([1001, 1000], cache.Starts());
        Assert.Equal(CacheError.SyncFailed, Assert.Throws<CacheException>(() => cache.Cache.Write()).Error);

        string[] Named()
        {
            using CacheReader reader = cache.Cache.Read();
            return [.. reader.Damage.Select(damage => damage.File)];
        }
    }

    [Fact]
    public async Task Who_waits_for_the_lock_while_a_sync_fails_writes_nothing()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000));
        Task<Exception?> waiting;
        using (CacheWriter writer = cache.Cache.Write())
        {
            waiting = Task.Run(() => Record.Exception(() => cache.Add(Some.Finished(1002))), TestContext.Current.CancellationToken);
            await Task.Delay(UntilRelied, TestContext.Current.CancellationToken);
            disk.Hook = static call => _ = call == "sync journal" ? throw new SyncException("Input/output error", 5) : 0;
            Assert.Throws<CacheException>(() => writer.Update(new TaskBatch { Tasks = [Some.Finished(1001)] }));
            disk.Hook = static _ => { };
            Assert.Equal(CacheError.SyncFailed, Assert.Throws<CacheException>(() => writer.ApplyJournal()).Error);
        }

        Assert.Equal(CacheError.SyncFailed, Assert.IsType<CacheException>(await waiting).Error);
        Assert.Equal([1000], cache.Starts());
    }
}
