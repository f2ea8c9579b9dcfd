using System.Diagnostics;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Together with other programs that use flock(2) on the directory: here the <c>flock</c> command.</summary>
public sealed class LockTests
{
    private static readonly TaskCacheOptions Impatient = TempCache.Small with { LockTimeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public void An_exclusive_holder_makes_readers_and_writers_time_out_within_the_limit()
    {
        using var cache = new TempCache(1000, Impatient);
        cache.Add(Some.Finished(1000));
        using (new Holder(cache.PathOf(".lock"), "-x"))
        {
            foreach (Func<IDisposable> open in (Func<IDisposable>[])[cache.Cache.Read, cache.Cache.Write])
            {
                var watch = Stopwatch.StartNew();
                CacheException error = Assert.Throws<CacheException>(() => open().Dispose());
                Assert.Equal(CacheError.Locked, error.Error);
                Assert.InRange(watch.Elapsed.TotalSeconds, 0.25, 5);
            }
        }

        Assert.Equal([1000], cache.Starts());
        cache.Add(Some.Finished(1001));
    }

    [Fact]
    public void A_shared_holder_lets_readers_and_updates_pass_and_holds_up_what_replaces_files()
    {
        using var cache = new TempCache(1000, Impatient);
        cache.Add(Some.Finished(1000));
        using (new Holder(cache.PathOf(".lock"), "-s"))
        {
            Assert.Equal([1000], cache.Starts());
            cache.Add(Some.Finished(1001));
            Assert.Equal([1001, 1000], cache.Starts());
            CacheException error = Assert.Throws<CacheException>(() => cache.Apply());
            Assert.Equal(CacheError.Locked, error.Error);
            Assert.Equal([1001, 1000], cache.Starts());
        }

        Assert.Equal(2, cache.Apply().Rows);
        Assert.Equal([1001, 1000], cache.Starts());
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
    }

    [Fact]
    public async Task A_shared_holder_that_lets_go_in_time_only_delays()
    {
        using var cache = new TempCache(1000, Impatient with { LockTimeout = TimeSpan.FromSeconds(20) });
        cache.Add(Some.Finished(1000));
        using var holder = new Holder(cache.PathOf(".lock"), "-s");
        Task<ApplyResult> applied = Task.Run(cache.Apply);
        await Assert.ThrowsAsync<TimeoutException>(() => applied.WaitAsync(TimeSpan.FromMilliseconds(200)));
        holder.Dispose();
        Assert.Equal(1, (await applied.WaitAsync(TimeSpan.FromSeconds(10))).Rows);
        Assert.Equal([1000], cache.Starts());
    }

    [Fact]
    public void A_writer_that_lost_its_lock_while_waiting_to_be_alone_writes_nothing_without_it()
    {
        using var cache = new TempCache(1000, Impatient);
        cache.Add(Some.Finished(1000));
        using CacheWriter writer = cache.Cache.Write();
        var batch = new TaskBatch { Tasks = [Some.Finished(1001)] };
        using (Holder shared = new(cache.PathOf(".lock"), "-s"))
        {
            Assert.Equal(CacheError.Locked, Assert.Throws<CacheException>(() => writer.ApplyJournal()).Error);
            Assert.False(Holder.TryTake(cache.PathOf(".lock"), "-x"));
        }

        // Its shared lock is back, so that nobody else can be alone.
        Assert.False(Holder.TryTake(cache.PathOf(".lock"), "-x"));
        Assert.Equal(1, writer.Update(batch).New);
        Assert.Equal(2, writer.ApplyJournal().Rows);
    }

    [Fact]
    public void A_writer_that_does_not_get_its_lock_back_writes_nothing_until_it_has_it()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, Impatient with { Disk = disk });
        cache.Add(Some.Finished(1000));
        using CacheWriter writer = cache.Cache.Write();
        var calls = new List<string>();
        disk.Grants = static _ => false;
        Assert.Equal(CacheError.Locked, Assert.Throws<CacheException>(() => writer.ApplyJournal()).Error);
        disk.Hook = calls.Add;
        var batch = new TaskBatch { Tasks = [Some.Finished(1001)] };
        Assert.Equal(CacheError.Locked, Assert.Throws<CacheException>(() => writer.Update(batch)).Error);
        Assert.Equal(["lock-shared .lock"], calls);
        disk.Grants = static _ => true;
        Assert.Equal(1, writer.Update(batch).New);
        Assert.Equal(2, writer.ApplyJournal().Rows);
    }

    // While it had none, anybody may have written.
    [Fact]
    public void A_writer_that_lost_its_lock_in_the_midst_of_an_apply_does_not_empty_the_journal()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, Impatient with { Disk = disk });
        cache.Add(Some.Finished(1000));
        using CacheWriter writer = cache.Cache.Write();
        byte[] journal = File.ReadAllBytes(cache.PathOf("journal"));
        bool wasAlone = false;
        disk.Grants = call =>
        {
            bool isDenied = wasAlone && call == "lock-shared .lock";
            wasAlone = call == "lock-exclusive .lock";
            return !isDenied;
        };
        Assert.Equal(CacheError.ChangedMeanwhile, Assert.Throws<CacheException>(() => writer.ApplyJournal()).Error);
        Assert.Equal(journal, File.ReadAllBytes(cache.PathOf("journal")));
        disk.Grants = static _ => true;
        Assert.Equal(1, writer.ApplyJournal().Rows);
        Assert.Equal([1000], cache.Starts());
    }

    [Fact]
    public void What_a_stranger_changes_before_a_writer_is_alone_makes_it_begin_again()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, Impatient with { Disk = disk });
        cache.Add(Some.Finished(1000));
        disk.Hook = call =>
        {
            // Changing from the shared lock to the exclusive one lets go for a moment.
            if (call != "lock-exclusive .lock")
                return;
            disk.Hook = static _ => { };
            File.AppendAllBytes(cache.PathOf("journal"), [.. Some.Finished(1001).ToLine(), (byte)'\n']);
        };
        byte[] archive = File.ReadAllBytes(cache.PathOf("archive.1000"));
        Assert.Equal(CacheError.ChangedMeanwhile, Assert.Throws<CacheException>(() => cache.Apply()).Error);
        Assert.Equal(archive, File.ReadAllBytes(cache.PathOf("archive.1000")));
        Assert.Equal([1001, 1000], cache.Starts());
        Assert.Equal(2, cache.Apply().Rows);
        Assert.Equal([1001, 1000], cache.Starts());
    }

    [Fact]
    public void An_archive_that_a_stranger_replaces_before_a_writer_is_alone_makes_it_begin_again()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, Impatient with { Disk = disk });
        cache.Add(Some.Finished(1000));
        string path = cache.PathOf("archive.1000");
        disk.Hook = call =>
        {
            if (call != "lock-exclusive .lock")
                return;
            disk.Hook = static _ => { };
            File.Copy(path, path + ".new");
            RealDisk.Instance.Rename(path + ".new", path);
        };
        CacheException error = Assert.Throws<CacheException>(() => cache.Apply());
        Assert.Equal(CacheError.ChangedMeanwhile, error.Error);
        Assert.Contains($"changed the cache '{cache.Path}' while", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, cache.Apply().Rows);
    }

    [Fact]
    public void Whoever_waited_in_vain_is_told_for_which_lock_and_leaves_nothing_open()
    {
        using var cache = new TempCache(1000, Impatient);
        cache.Add(Some.Finished(1000));
        foreach ((string name, Func<IDisposable> open) in ((string, Func<IDisposable>)[])[(".lock", cache.Cache.Read), (".writer", cache.Cache.Write), (".lock", cache.Cache.Write)])
        {
            using (new Holder(cache.PathOf(name), "-x"))
            {
                CacheException error = Assert.Throws<CacheException>(() => open().Dispose());
                Assert.Contains($"'{cache.PathOf(name)}' for more than 0.3 s", error.Message, StringComparison.Ordinal);
            }

            Assert.DoesNotContain(
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget),
                path => path == cache.PathOf(".lock") || path == cache.PathOf(".writer"));
        }
    }

    [Fact]
    public void Our_own_locks_hold_others_off()
    {
        using var cache = new TempCache(1000, Impatient);
        using (cache.Cache.Write())
        {
            Assert.True(Holder.TryTake(cache.PathOf(".lock"), "-s"));
            Assert.False(Holder.TryTake(cache.PathOf(".lock"), "-x"));
            Assert.False(Holder.TryTake(cache.PathOf(".writer"), "-x"));
        }

        using (cache.Cache.Read())
            Assert.True(Holder.TryTake(cache.PathOf(".lock"), "-x"));
    }

    [Fact]
    public void Writers_exclude_one_another()
    {
        using var cache = new TempCache(1000, Impatient);
        var other = TaskCache.Open(cache.Path, cache.Options);
        using (cache.Cache.Write())
        {
            Assert.Equal(CacheError.Locked, Assert.Throws<CacheException>(() => other.Write()).Error);
            Assert.Equal(CacheError.Locked, Assert.Throws<CacheException>(() => cache.Cache.Write()).Error);
        }

        other.Write().Dispose();
    }

    [Fact]
    public void Four_writers_and_four_readers_at_once_lose_and_repeat_nothing()
    {
        using var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 2_000 });
        cache.Add();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var own = TaskCache.Open(cache.Path, cache.Options);
            for (int i = 0; i < 15; i++)
            {
                if (worker < 4)
                {
                    using CacheWriter writer = own.Write();
                    writer.Update(new TaskBatch { Tasks = [Some.Finished(1000 + (worker * 100) + i)] });
                }
                else
                {
                    using CacheReader reader = own.Read();
                    long[] starts = [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.StartTime)];
                    Assert.Equal(starts.Distinct().OrderDescending(), starts);
                }
            }
        });
        Assert.Equal(60, cache.List().Total);
    }

    [Fact]
    public void A_reader_goes_on_reading_its_snapshot_whatever_is_applied_rotated_compressed_or_dropped()
    {
        using var cache = new TempCache(1000, TempCache.Small with { RetainFilesMax = 2, PlainFiles = 1 });
        cache.Add([.. Enumerable.Range(900, 5_000).Select(start => Some.Finished(start))]);
        cache.RotateAt(2_000);
        cache.Add(Some.Finished(2_100), Some.Running(2_200));
        using CacheReader reader = cache.Cache.Read();
        string[] before = Show(reader);
        IEnumerator<TaskRow> halfWay = reader.Stream(new TaskQuery { Limit = 0 }).GetEnumerator();
        for (int i = 0; i < 2_000; i++)
            Assert.True(halfWay.MoveNext());

        cache.Add(Some.Finished(2_200), Some.Finished(2_100, "changed"), Some.Finished(1_500, "changed"));
        cache.Apply();
        cache.RotateAt(3_000);
        cache.RotateAt(9_000);
        cache.RotateAt(10_000);
        Assert.Equal(0, cache.List().Total);
        Assert.Equal(before, Show(reader));
        int rest = 0;
        while (halfWay.MoveNext())
            rest++;
        Assert.Equal(before.Length - 2_000, rest);
        Assert.Equal("OK", reader.Find(Some.Upid(1_500))?.Status);
    }

    private static string[] Show(CacheReader reader) => [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];

    /// <summary>Another process that holds the lock until it is disposed.</summary>
    private sealed class Holder : IDisposable
    {
        private readonly Process _process;

        internal Holder(string path, string mode)
        {
            // The shell says when it has the lock, and keeps it until its input ends.
            _process = Start(path, mode, "sh", "-c", "echo held; read line");
            Assert.Equal("held", _process.StandardOutput.ReadLine());
        }

        internal static bool TryTake(string path, string mode)
        {
            using Process process = Start(path, mode, "true");
            process.WaitForExit();
            return process.ExitCode == 0;
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
        }

        private static Process Start(string path, string mode, params string[] command) => Process.Start(
            new ProcessStartInfo("flock", [mode, "-n", path, .. command]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }
}
