using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Whoever waits for long work is told how far it has come.</summary>
public sealed class ProgressTests
{
    private readonly Steps _steps = new();

    [Fact]
    public void An_apply_tells_of_each_file_it_merges_into_line_by_line()
    {
        using TempCache cache = Filled();
        cache.Add(Some.Finished(1500), Some.Finished(2500), Some.Finished(2501));
        using CacheWriter writer = cache.Cache.Write();
        Assert.Equal(3, writer.ApplyJournal(_steps).Rows);
        Assert.Equal([new("merging", 0, 3), new("merging into archive.2000", 1, 3), new("merged", 3, 3)], _steps.Told);
    }

    [Fact]
    public void An_update_that_makes_the_journal_too_long_tells_of_its_apply()
    {
        using var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 100 });
        using CacheWriter writer = cache.Cache.Write();
        Assert.Equal(1, writer.Update(new TaskBatch { Tasks = [Some.Finished(1000)] }, _steps).Applied?.Rows);
        Assert.Equal(new("merged", 1, 1), _steps.Told[^1]);
    }

    [Fact]
    public void A_rotation_tells_of_its_apply_and_of_each_file_it_compresses()
    {
        using TempCache cache = Filled();
        cache.Add(Some.Finished(2500));
        cache.Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(3000));
        using CacheWriter writer = cache.Cache.Write();
        writer.Rotate(progress: _steps);
        Assert.Contains(new("merging into archive.2000", 0, 1), _steps.Told);
        Assert.Equal(new("compressing archive.2000", 0, 1), _steps.Told[^1]);
    }

    [Fact]
    public void Mending_tells_of_each_file_it_writes_anew()
    {
        using TempCache cache = Filled();
        File.AppendAllText(cache.PathOf("archive.2000"), "rubbish\n");
        File.WriteAllText(cache.PathOf("active"), "rubbish\n");
        using CacheWriter writer = cache.Cache.Write();
        string[] mended = [.. writer.Mend(_steps).Files.Select(file => file.File)];
        Assert.Equal(["active", "archive.2000"], mended.Order(StringComparer.Ordinal));
        Assert.Equal(mended.Select((name, i) => new CacheProgress($"writing {name} anew", i, 2)), _steps.Told);
    }

    /// <summary>A compressed file, whose index is used, and a plain one.</summary>
    private static TempCache Filled()
    {
        var cache = new TempCache(1000);
        cache.Add([.. Enumerable.Range(1000, 10).Select(start => Some.Finished(start))]);
        cache.RotateAt(2000);
        cache.Add([.. Enumerable.Range(2000, 10).Select(start => Some.Finished(start))]);
        cache.Apply();
        return cache;
    }
}
