using System.Text;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A directory as the reference leaves it, and what it finds when it comes back.</summary>
public sealed class ForeignFilesTests
{
    private const string Extra = ",\"x-unknown\":{\"deep\":[1,\"ü\"]}";

    [Fact]
    public void A_directory_of_the_reference_is_read_whole_and_in_order()
    {
        using TempCache cache = Reference(out ModelTask[] expected);
        Check(cache, expected);
        string[] before = [.. Directory.GetFiles(cache.Path).Order(StringComparer.Ordinal)];
        Assert.Equal(before.Append(cache.PathOf(".lock")).Order(StringComparer.Ordinal).Distinct(), before);
        Assert.Equal(["pve:pve-1!UPID:n1:x"], cache.State().TrackedTasks);
        Assert.Equal(123, cache.State().Find("pve-1", "n1")?.Cutoff);
    }

    [Fact]
    public void Every_file_that_is_written_is_one_stream_of_sorted_lines_for_any_zstd_reader()
    {
        using TempCache cache = Reference(out ModelTask[] expected);
        cache.Apply();
        Check(cache, expected);
        Verify(cache);
        cache.RotateAt(5_000);
        cache.RotateAt(6_000);
        Check(cache, expected);
        Verify(cache);
        Assert.Equal(expected.Length - 1, cache.Archives().Sum(name => Lines(cache, name).Length));
    }

    [Fact]
    public void Members_that_nobody_knows_survive_apply_rotation_and_compression()
    {
        using TempCache cache = Reference(out _);
        cache.Apply();
        cache.RotateAt(5_000);
        cache.RotateAt(6_000);
        string[] lines = [.. cache.Archives().SelectMany(name => Lines(cache, name))];
        Assert.All(lines.Where(line => !line.Contains("appended", StringComparison.Ordinal)), line => Assert.Contains(Extra[1..], line));
        Assert.All(lines, line => Assert.Matches("^\\{\"upid\":\"(pve|pbs):", line));
        using CacheWriter writer = cache.Cache.Write();
        writer.RenameRemote("pve-1", "pve-9");
        Assert.Contains(cache.Archives().SelectMany(name => Lines(cache, name)), line => line.Contains("pve:pve-9!", StringComparison.Ordinal) && line.Contains(Extra[1..], StringComparison.Ordinal));
    }

    [Fact]
    public void Tasks_told_in_the_older_form_are_stored_in_the_one_of_today()
    {
        using var cache = new TempCache(1000);
        string Old(long start) => Some.Upid(start)["pve:".Length..];
        Assert.Empty(cache.Add(Some.Finished(1000, upid: Old(1000)), Some.Running(1001, upid: Old(1001)), Some.Finished(1000, "changed")).Rejected);
        Assert.Equal([Some.Upid(1001), Some.Upid(1000)], cache.List().Rows.Select(row => row.Upid));
        Assert.Equal("changed", cache.List().Rows[1].Status);
        Assert.StartsWith("{\"upid\":\"pve:", File.ReadAllText(cache.PathOf("active")), StringComparison.Ordinal);
        Assert.StartsWith("{\"upid\":\"pve:", File.ReadAllText(cache.PathOf("journal")), StringComparison.Ordinal);
        cache.Add(Some.Finished(1001, upid: Old(1001)));
        Assert.Empty(cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
    }

    [Fact]
    public void A_finished_task_among_the_running_ones_moves_to_the_finished_ones_with_the_next_update()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        string Line(TaskRecord task) => Encoding.UTF8.GetString(task.ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("active"), Line(Some.Running(1002)) + Line(Some.Finished(1001)));
        Assert.Equal([1002, 1001, 1000], cache.Starts());
        cache.Add();
        Assert.DoesNotContain(Some.Upid(1001), File.ReadAllText(cache.PathOf("active")), StringComparison.Ordinal);
        Assert.Contains(Some.Upid(1001), File.ReadAllText(cache.PathOf("journal")), StringComparison.Ordinal);
        cache.Reopen();
        Assert.Equal([1002, 1001, 1000], cache.Starts());
    }

    // Somebody who takes no lock removes files.
    [Fact]
    public void Archives_that_are_gone_when_they_are_opened_are_passed_over_until_tasks_come_to_them()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk, RetainFilesMax = 9 });
        foreach (long start in (long[])[1000, 2000, 3000, 4000])
        {
            cache.RotateAt(start);
            cache.Add(Some.Finished(start));
        }

        cache.Apply();
        disk.Hides = static name => name is "archive.1000.zst" or "archive.2000.zst";
        cache.Reopen();
        Assert.Equal([4000, 3000], cache.Starts());
        Assert.Empty(cache.Starts(new TaskQuery { After = Some.Upid(2500) }));
        Assert.Equal(4, cache.Add(Some.Finished(3001), Some.Finished(2002), Some.Finished(2001), Some.Finished(500)).New);
        Assert.Equal([4000, 3001, 3000, 2002, 2001, 500], cache.Starts());
        ApplyResult applied = cache.Apply();
        Assert.Equal((4, 3), (applied.Rows, applied.Files));
        disk.Hides = static _ => false;
        cache.Reopen();
        Assert.Equal([4000, 3001, 3000, 2002, 2001, 500], cache.Starts());
    }

    [Fact]
    public void A_cache_whose_only_archive_is_gone_has_what_is_in_its_journal()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(1000, TempCache.Small with { Disk = disk });
        cache.Add(Some.Finished(1000), Some.Running(1001));
        disk.Hides = static name => name == "archive.1000";
        cache.Reopen();
        Assert.Equal([1001, 1000], cache.Starts());
        Assert.Equal([1000], cache.Starts(new TaskQuery { After = Some.Upid(1001) }));
        Assert.Equal(1, cache.Add(Some.Finished(1000), Some.Finished(900), Some.Running(1001), Some.Running(1002)).New);
        Assert.Equal([1002, 1001, 1000, 900], cache.Starts());
        Assert.Empty(cache.RotateAt(2000).Damage);
        disk.Hides = static _ => false;
        cache.Reopen();
        Assert.Equal([1002, 1001, 1000, 900], cache.Starts());
    }

    [Fact]
    public void A_task_that_is_stored_in_the_next_older_file_does_not_run_any_more()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add();
        string Line(long start) => Encoding.UTF8.GetString(Some.Finished(start).ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("archive.1000"), Line(2_500) + Line(1_500));
        File.WriteAllText(cache.PathOf("archive.2000"), Line(2_600));
        cache.Reopen();
        cache.Add(Some.Running(2_500), Some.Running(2_600), Some.Running(1_500), Some.Running(2_700));
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal(1, reader.ActiveLines);
        Assert.Equal([2_700], cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.Equal([2_700, 2_600, 2_500, 1_500], cache.Starts());
    }

    [Theory]
    [InlineData("active", true)]
    [InlineData("journal", true)]
    [InlineData("state", true)]
    [InlineData("archive.0", true)]
    [InlineData("archive.0.idx", false)]
    [InlineData("notes.txt", false)]
    public void A_directory_with_one_file_of_a_cache_is_one(string name, bool isCache)
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        Directory.CreateDirectory(cache.Path);
        File.WriteAllText(cache.PathOf(name), "");
        Exception? error = Record.Exception(() => cache.Cache.Read().Dispose());
        Assert.Equal(isCache, error is null);
        if (!isCache)
            Assert.Contains($"There is no task cache in '{cache.Path}'", Assert.IsType<CacheException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_left_in_a_file_they_do_not_belong_to_are_shown_once_with_the_owners_version()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add();
        string Line(long start, string status) => Encoding.UTF8.GetString(Some.Finished(start, status).ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("archive.1000"), Line(2_500, "stray") + Line(2_400, "stray only") + Line(1_500, "owner"));
        File.WriteAllBytes(cache.PathOf("archive.2000.zst"), Zstd.OneFrame(Encoding.UTF8.GetBytes(Line(2_500, "owner") + Line(1_500, "stray"))));
        void Shown()
        {
            TaskPage page = cache.List();
            Assert.Equal(["2500 owner", "2400 stray only", "1500 owner"], page.Rows.Select(row => $"{row.StartTime} {row.Status}"));
            Assert.Equal(3, page.Total);
            using CacheReader reader = cache.Cache.Read();
            Assert.All(page.Rows, row => Assert.Equal(row.Status, reader.Find(row.Upid)?.Status));
        }

        Shown();
        cache.Reopen();
        cache.Add(Some.Finished(2_600), Some.Finished(1_600));
        cache.Apply();
        Assert.Equal(5, cache.List().Total);
        cache.RotateAt(3_000);
        Assert.Equal(["2500 owner", "1500 owner"], cache.List().Rows.Where(row => row.StartTime is 2_500 or 1_500).Select(row => $"{row.StartTime} {row.Status}"));
        Assert.Equal(5, cache.List().Total);
    }

    private static void Check(TempCache cache, ModelTask[] expected)
    {
        using CacheReader reader = cache.Cache.Read();
        Assert.Equal(expected.Select(task => task.Show()), reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show));
        Assert.All(expected.Where((_, i) => i % 50 == 0), task => Assert.Equal(task.Show(), ModelTask.Show(reader.Find(task.Upid)!)));
    }

    private static void Verify(TempCache cache)
    {
        foreach (string name in cache.Archives())
        {
            string[] lines = Lines(cache, name);
            TaskRecord[] records = [.. lines.Select(line => TaskRecord.TryParse(Encoding.UTF8.GetBytes(line), out TaskRecord? record, out _) ? record : null!)];
            Assert.DoesNotContain(null, records);
            Assert.Equal(records.OrderByDescending(record => record.StartTime).ThenBy(record => record.Upid, StringComparer.Ordinal).Select(record => record.Upid), records.Select(record => record.Upid));
            if (name.EndsWith(".zst", StringComparison.Ordinal) && Zstd.DecodeByCommand(cache.PathOf(name)) is { } decoded)
                Assert.Equal(Zstd.Decode(File.ReadAllBytes(cache.PathOf(name))), decoded);
        }
    }

    private static string[] Lines(TempCache cache, string name)
    {
        byte[] content = File.ReadAllBytes(cache.PathOf(name));
        string text = Encoding.UTF8.GetString(name.EndsWith(".zst", StringComparison.Ordinal) ? Zstd.Decode(content) : content);
        Assert.True(text.Length == 0 || text[^1] == '\n');
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Old and new UPIDs, one frame a file, no index; an active file; a journal with an invalid byte in the middle, rubbish, a later
    /// version of an archived task, and a torn end.
    /// </summary>
    private static TempCache Reference(out ModelTask[] expected)
    {
        var cache = new TempCache(4_000, TempCache.Small with { RetainFilesMax = null }) { IsDamaged = true };
        Directory.CreateDirectory(cache.Path);
        var random = new Random(17);
        var generator = new TaskGenerator(random, 3_900, spread: 900);
        Dictionary<string, ModelTask> tasks = [];
        while (tasks.Count < 3_000)
        {
            ModelTask task = generator.Task(isRunning: false);
            if (task.Start is >= 1_000 and < 4_000)
                tasks[task.Upid] = task;
            ModelTask older = task with { Start = 1_000 + random.Next(2_000) };
            tasks[older.Upid] = older;
        }

        foreach (long epoch in (long[])[1_000, 2_000, 3_000])
        {
            // The older form is sorted without the kind.
            bool isOld = epoch == 1_000;
            byte[] content = Encoding.UTF8.GetBytes(string.Concat(tasks.Values
                .Where(task => task.Start >= epoch && task.Start < epoch + 1_000)
                .OrderByDescending(task => task.Start)
                .ThenBy(task => isOld ? task.OldForm : task.Upid, StringComparer.Ordinal)
                .Select(task => TaskGenerator.Line(task, isOld, Extra) + "\n")));
            File.WriteAllBytes(cache.PathOf(epoch == 3_000 ? "archive.3000" : $"archive.{epoch}.zst"), epoch == 3_000 ? content : Zstd.OneFrame(content));
        }

        ModelTask again = generator.Again(tasks.Values.First(task => task.Start < 3_000), runs: false);
        ModelTask added = generator.Task(isRunning: false) with { Start = 3_950, Status = "appended" };
        ModelTask running = generator.Task(isRunning: true) with { Start = 3_960 };
        File.WriteAllText(cache.PathOf("active"), TaskGenerator.Line(running, isOld: true) + "\n");
        File.WriteAllBytes(cache.PathOf("journal"),
        [
            .. Encoding.UTF8.GetBytes(TaskGenerator.Line(again, isOld: true, Extra) + "\nrubbish\n"), .. "{\"upid\":\"\xff\"}\n"u8.ToArray(), 0xFF, (byte)'\n', (byte)'\n',
            .. Encoding.UTF8.GetBytes(TaskGenerator.Line(added) + "\n" + TaskGenerator.Line(added)[..50]),
        ]);
        File.WriteAllText(cache.PathOf("state"), """{"remote-state":{"pve-1":{"node-state":{"n1":{"cutoff":123}}}},"tracked-tasks":["pve:pve-1!UPID:n1:x"]}""");
        tasks[again.Upid] = again;
        tasks[added.Upid] = added;
        tasks[running.Upid] = running;
        expected = [.. tasks.Values.Order(ModelTask.Order)];
        return cache;
    }
}
