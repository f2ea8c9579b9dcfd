using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What a check says of a cache: what is damaged, and what is only worth knowing.</summary>
public sealed class CheckTests
{
    private const long Now = 3000;

    [Fact]
    public void A_sound_cache_is_counted_and_the_progress_told_file_by_file()
    {
        using TempCache cache = Filled();
        cache.Add(Some.Finished(2500), Some.Running(2600), Some.Running(2700));
        var progress = new Steps();
        CheckReport report = cache.Cache.Check(progress);
        Assert.Empty(report.Findings);
        Assert.False(report.IsDamaged);
        Assert.Equal((23, 2, 1, 2), (report.Tasks, report.Running, report.JournalRows, report.Files));
        Assert.Equal(cache.Archives().Sum(name => new FileInfo(cache.PathOf(name)).Length), report.Bytes);
        Assert.Equal(["checking archive.2000", "checking archive.1000.zst", "checked"], progress.Told.Select(step => step.Step));
        Assert.Equal([(0L, 2L), (1L, 2L), (2L, 2L)], progress.Told.Select(step => (step.Done, step.Total)));
    }

    [Fact]
    public void What_interrupted_work_left_is_named_and_is_no_damage()
    {
        using TempCache cache = Filled();
        File.WriteAllText(cache.PathOf("0123.tmp"), "half");
        File.WriteAllText(cache.PathOf("journal.damaged.7"), "kept");
        File.Copy(cache.PathOf("archive.2000"), cache.PathOf("archive.2500"));
        File.WriteAllBytes(cache.PathOf("archive.1000"), Zstd.Decode(File.ReadAllBytes(cache.PathOf("archive.1000.zst"))));
        File.WriteAllBytes(cache.PathOf("archive.1000.zst"), Zstd.OneFrame(Zstd.Decode(File.ReadAllBytes(cache.PathOf("archive.1000.zst")))));
        cache.Reopen();
        CheckReport report = cache.Cache.Check();
        Assert.False(report.IsDamaged);
        Assert.Equal(20, report.Tasks);
        Says(report, "0123.tmp", "interrupted write");
        Says(report, "journal.damaged.7", "kept aside");
        Says(report, "archive.1000", "replaced by the compressed file");
        Says(report, "archive.1000.zst", "one zstd frame");
        Says(report, "archive.2500", "10 tasks belong in another file");
        Says(report, "archive.*", "10 tasks stand in two files");
        Assert.Equal(6, report.Findings.Count);
    }

    [Fact]
    public void What_is_damaged_is_named_with_its_span_and_waits_to_be_fetched_again()
    {
        using TempCache cache = Filled();
        cache.IsDamaged = true;
        string[] lines = File.ReadAllLines(cache.PathOf("archive.2000"));
        lines[3] = lines[3][..20];
        File.WriteAllLines(cache.PathOf("archive.2000"), lines);
        File.WriteAllText(cache.PathOf("state"), "{");
        cache.Reopen();
        CheckReport report = cache.Cache.Check();
        Assert.True(report.IsDamaged);
        Assert.Contains("tasks that began from 2005 to 2007 are in doubt", Says(report, "archive.2000", "lines passed over: 1").Text, StringComparison.Ordinal);
        Says(report, "state", "cannot be understood");

        using (CacheWriter writer = cache.Cache.Write())
            writer.RequestRepair([new Damage("archive.2000", 2005, 2007, 1, "test")]);
        report = cache.Cache.Check();
        Assert.False(Says(report, "archive.2000", "from 2005 to 2007 are waiting to be fetched again").IsDamage);
        Assert.DoesNotContain(report.Findings, finding => finding.File == "state");
    }

    [Fact]
    public void A_task_in_the_running_list_that_has_ended_is_no_damage()
    {
        using TempCache cache = Filled();
        File.WriteAllText(cache.PathOf("active"), $"{{\"upid\":\"{Some.Upid(2004)}\",\"starttime\":2004}}\n");
        cache.Reopen();
        CheckReport report = cache.Cache.Check();
        Assert.False(Says(report, "active", "1 tasks are known to have ended").IsDamage);
        Assert.Equal((20, 0), (report.Tasks, report.Running));
    }

    [Fact]
    public void A_running_task_in_an_archive_is_damage()
    {
        using TempCache cache = Filled();
        cache.IsDamaged = true;
        File.AppendAllText(cache.PathOf("archive.2000"), $"{{\"upid\":\"{Some.Upid(1999)}\",\"starttime\":1999}}\n");
        cache.Reopen();
        CheckReport report = cache.Cache.Check();
        Assert.True(Says(report, "archive.2000", "1 tasks have no end time").IsDamage);
    }

    /// <summary>Ten tasks in a compressed archive, and ten in a plain one.</summary>
    private static TempCache Filled()
    {
        var cache = new TempCache(1000, TempCache.Small with { InitialFiles = 1 });
        cache.Add([.. Enumerable.Range(1000, 10).Select(start => Some.Finished(start))]);
        cache.RotateAt(2000);
        cache.Add([.. Enumerable.Range(2000, 10).Select(start => Some.Finished(start))]);
        cache.Apply();
        return cache;
    }

    private static Finding Says(CheckReport report, string file, string text) =>
        Assert.Single(report.Findings, finding => finding.File == file && finding.Text.Contains(text, StringComparison.Ordinal));
}
