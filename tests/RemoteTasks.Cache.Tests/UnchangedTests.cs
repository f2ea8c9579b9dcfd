using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A directory that did not change is not read again; one that did is, whoever changed it.</summary>
public sealed class UnchangedTests
{
    private const long Now = 1_782_900_000;

    // Longer than a reading is relied on without being repeated.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(150);

    private static Dictionary<string, Action<TempCache, TaskCache>> Change { get; } = new(StringComparer.Ordinal)
    {
        ["another program stores a finished task"] = (_, other) => Store(other, Now + 5, "OK"),
        ["another program stores a running task"] = (_, other) => Store(other, Now + 5, status: null),
        ["another program applies the journal"] = (_, other) => Write(other, writer => writer.ApplyJournal()),
        ["another program rotates"] = (cache, other) =>
        {
            cache.Clock.Advance(TimeSpan.FromHours(1));
            Write(other, writer => Assert.NotNull(writer.Rotate(force: true).Begun));
        },
        ["another program reports damage"] = (_, other) => Write(other, writer => writer.RequestRepair([new Damage("archive.1", 1, 2, 1, "test")])),
        ["the journal is emptied in place"] = (cache, _) => File.WriteAllText(cache.PathOf("journal"), ""),
        ["the journal gets other lines of the same length"] = (cache, _) =>
            File.WriteAllText(cache.PathOf("journal"), File.ReadAllText(cache.PathOf("journal")).Replace("OK", "KO", StringComparison.Ordinal)),
        ["an archive is removed"] = (cache, _) => File.Delete(cache.PathOf(cache.Archives()[0])),
        ["an archive is overwritten in place"] = (cache, _) => Overwrite(cache.PathOf(cache.Archives()[0])),
    };

    // Whichever archive it is that is not to be had: those before it are open by then, and those behind it too.
    [Fact]
    public void A_reading_that_is_broken_off_leaves_no_archive_open_and_nobody_locked_out()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(Now, TempCache.Small with { Disk = disk, PlainFiles = 0 });
        Fill(cache);
        string copy = Directory.CreateDirectory(Path.Combine(cache.Root, "copy")).FullName;
        foreach (string file in Directory.GetFiles(cache.Path))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        bool isBrokenOff = true;
        for (int failing = 0; isBrokenOff; failing++)
        {
            (int reads, var other) = (0, TaskCache.Open(copy, cache.Options));
            disk.Hook = call =>
            {
                if (call.StartsWith("read archive", StringComparison.Ordinal) && reads++ == failing)
                    throw new TimeoutException();
            };
            isBrokenOff = Record.Exception(() => other.Read().Dispose()) is TimeoutException;
            disk.Hook = static _ => { };
            Assert.Equal(reads > failing, isBrokenOff);
            string[] open = [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()];
            Assert.Equal(!isBrokenOff, open.Any(path => path.StartsWith(Path.Combine(copy, "archive"), StringComparison.Ordinal)));
            Assert.DoesNotContain(Path.Combine(copy, ".lock"), open);
        }
    }

    [Fact]
    public async Task Nothing_is_read_or_locked_while_nothing_changes()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(Now, TempCache.Small with { Disk = disk, PlainFiles = 0 });
        Fill(cache);
        long version = await SettleAsync(cache);
        var calls = new List<string>();
        disk.Hook = calls.Add;
        for (int i = 0; i < 3; i++)
        {
            using CacheReader reader = cache.Cache.Read();
            Assert.Equal(version, reader.Version);
            Assert.Equal(3, reader.List(new TaskQuery()).Total);
        }

        Assert.DoesNotContain(calls, call => call.StartsWith("lock", StringComparison.Ordinal) || call.StartsWith("read state", StringComparison.Ordinal));
        disk.Hook = static _ => { };
    }

    // Side by side: each has to wait.
    [Fact]
    public Task Every_change_is_seen() => Task.WhenAll(Change.Keys.Select(IsSeenAsync));

    private static async Task IsSeenAsync(string change)
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0 }) { IsDamaged = true };
        Fill(cache);
        TaskCache other = TaskCache.Open(cache.Path, cache.Options);
        long version = await SettleAsync(cache);
        Change[change](cache, other);
        await Task.Delay(Settled, TimeProvider.System, TestContext.Current.CancellationToken);
        using CacheReader reader = cache.Cache.Read();
        Assert.True(version != reader.Version, change);
        using CacheReader fresh = TaskCache.Open(cache.Path, cache.Options).Read();
        Assert.Equal(Show(fresh), Show(reader));
    }

    // A file system that tells times in seconds: two changes within one would look the same.
    [Fact]
    public void Times_are_relied_on_only_where_all_of_them_are_finer_than_seconds()
    {
        var fine = new FileStamp(new FileIdentity(1, 2), 3, 1_782_900_000_123_456_789);
        FileStamp coarse = fine with { Modified = 1_782_900_000_000_000_000 };
        Assert.True(new Glance(fine, fine, fine, fine).IsFine);
        Assert.True(new Glance(fine, null, null, null).IsFine);
        Assert.False(new Glance(coarse, fine, fine, fine).IsFine);
        Assert.False(new Glance(fine, coarse, fine, fine).IsFine);
        Assert.False(new Glance(fine, fine, coarse, fine).IsFine);
        Assert.False(new Glance(fine, fine, fine, coarse).IsFine);
    }

    [Fact]
    public async Task A_reading_that_failed_is_not_relied_on()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(Now, TempCache.Small with { Disk = disk, PlainFiles = 0 });
        Fill(cache);
        await SettleAsync(cache);
        Store(TaskCache.Open(cache.Path, cache.Options), Now + 5, "OK");
        disk.Hook = static call => _ = call == "read journal" ? throw new IOException("Input/output error") : 0;
        for (int i = 0; i < 2; i++)
        {
            Assert.Throws<IOException>(() => cache.Cache.Read());
            await Task.Delay(Settled, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        disk.Hook = static _ => { };
        Assert.Equal(4, cache.List().Total);
    }

    // An index is not looked at between readings: that it is another one is found out when more of it is read.
    [Fact]
    public async Task What_went_bad_under_a_reader_is_not_relied_on_by_the_next_one()
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0 });
        Fill(cache);
        await SettleAsync(cache);
        foreach (string index in Directory.GetFiles(cache.Path, "*.idx"))
            File.WriteAllBytes(index, new byte[new FileInfo(index).Length]);
        using (CacheReader reader = cache.Cache.Read())
            Assert.Equal(CacheError.WentBad, Assert.Throws<CacheException>(() => reader.Statistics(new TaskQuery())).Error);
        using CacheReader next = cache.Cache.Read();
        Assert.Equal(3, next.Statistics(new TaskQuery()).All.Total);
    }

    [Fact]
    public async Task One_of_several_archives_that_was_overwritten_or_went_bad_is_enough()
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0 }) { IsDamaged = true };
        Fill(cache);
        cache.Clock.Advance(TimeSpan.FromHours(1));
        Write(cache.Cache, static writer => writer.Rotate(force: true));
        Assert.InRange(cache.Archives().Length, 2, 3);
        foreach (string archive in cache.Archives())
        {
            long version = await SettleAsync(cache);
            File.SetLastWriteTimeUtc(cache.PathOf(archive), DateTime.UnixEpoch);
            await Task.Delay(Settled, TimeProvider.System, TestContext.Current.CancellationToken);
            using CacheReader reader = cache.Cache.Read();
            Assert.NotEqual(version, reader.Version);
        }

        await SettleAsync(cache);
        using (CacheReader reader = cache.Cache.Read())
        {
            reader.Snapshot.Archives[^1].GoneBad(0);
            Assert.True(reader.Snapshot.HasGoneBad);
        }

        using CacheReader next = cache.Cache.Read();
        Assert.False(next.Snapshot.HasGoneBad);
    }

    [Fact]
    public void What_is_written_again_as_it_was_changes_nothing_and_each_change_makes_a_greater_version()
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0 });
        Fill(cache);
        long version = 0;
        for (int i = 0; i < 4; i++)
        {
            Store(cache.Cache, Now + 10 + i, i % 2 == 0 ? "OK" : null);
            using CacheReader reader = cache.Cache.Read();
            Assert.InRange(reader.Version, version + 1, long.MaxValue);
            version = reader.Version;
            File.WriteAllBytes(cache.PathOf("state"), File.ReadAllBytes(cache.PathOf("state")));
            using CacheReader again = cache.Cache.Read();
            Assert.Equal(version, again.Version);
            Assert.Equal(4 + i, again.List(new TaskQuery()).Total);
        }
    }

    [Fact]
    public void Of_running_tasks_any_may_change()
    {
        using var cache = new TempCache(Now);
        string[] Running() => [.. cache.List().Rows.Select(row => $"{row.StartTime} {row.Status}")];
        cache.Add(Some.Running(Now), Some.Running(Now + 1));
        foreach (string[] statuses in (string[][])[["a", "a"], ["a", "b"], ["b", "b"], ["a", "a"]])
        {
            cache.Add(Some.Running(Now, statuses[0]), Some.Running(Now + 1, statuses[1]));
            Assert.Equal([$"{Now + 1} {statuses[1]}", $"{Now} {statuses[0]}"], Running());
        }
    }

    // Invariants checked: while a reader makes ready what it opened, a writer can be alone.
    [Fact]
    public void The_lock_is_let_go_when_everything_is_open()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 1, Disk = disk });
        Fill(cache);
        cache.Reopen();
        int free = 0;
        disk.Hook = call =>
        {
            if (!call.StartsWith("read archive", StringComparison.Ordinal))
                return;
            using IDiskLock @lock = RealDisk.Instance.OpenLock(cache.PathOf(".lock"));
            free += @lock.TryTake(LockMode.Exclusive, TimeSpan.Zero) ? 1 : 0;
        };
        using CacheReader reader = cache.Cache.Read();
        disk.Hook = static _ => { };
        Assert.True(free > 0);
    }

    // Invariants checked: a reading just after a write sees it, also when many follow each other within a tick of the file system's clock.
    [Fact]
    public void Changes_within_a_tick_are_all_seen()
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0 });
        TaskCache other = TaskCache.Open(cache.Path, cache.Options);
        for (int i = 0; i < 200; i++)
        {
            Store(other, Now + i, "OK");
            using CacheReader reader = cache.Cache.Read();
            Assert.Equal(i + 1, reader.List(new TaskQuery()).Total);
        }
    }

    // Other programs apply the journal and empty it in place: a reader that was opened before has to have its lines.
    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    public void A_reader_keeps_the_journal_that_is_emptied_under_it(int tasks)
    {
        using var cache = new TempCache(Now, TempCache.Small with { JournalBytesMax = 1L << 30 });
        var generator = new TaskGenerator(new Random(8), Now, spread: 100_000);
        ModelTask[] stored = [.. Enumerable.Range(0, tasks).Select(_ => generator.Task(isRunning: false)).DistinctBy(task => task.Upid)];
        cache.Add([.. stored.Select(generator.Record)]);
        using CacheReader reader = cache.Cache.Read();
        File.WriteAllText(cache.PathOf("journal"), "");
        Assert.Equal(stored.Order(ModelTask.Order).Select(task => task.Show()), reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show));
    }

    private static string Show(CacheReader reader) => string.Join(
        '\n', [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show), $"{reader.State.Repairs.Count} repairs"]);

    private static void Fill(TempCache cache)
    {
        Store(cache.Cache, Now + 1, "OK");
        cache.Apply();
        Store(cache.Cache, Now + 2, "OK");
        Store(cache.Cache, Now + 3, status: null);
    }

    private static void Store(TaskCache cache, long start, string? status) => Write(cache, writer => writer.Update(new TaskBatch
    {
        Tasks = [new TaskRecord($"pve:a!UPID:n1:00000001:00000001:{start:X8}:vzdump:100:root@pam:", start, status, status is null ? null : start + 1)],
    }));

    private static void Write(TaskCache cache, Action<CacheWriter> change)
    {
        using CacheWriter writer = cache.Write();
        change(writer);
    }

    private static async Task<long> SettleAsync(TempCache cache)
    {
        long version = 0;
        for (int i = 0; i < 3; i++)
        {
            using (CacheReader reader = cache.Cache.Read())
                version = reader.Version;
            await Task.Delay(Settled, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return version;
    }

    private static void Overwrite(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 3] ^= 0x55;
        using FileStream file = File.OpenWrite(path);
        file.Write(bytes);
    }
}
