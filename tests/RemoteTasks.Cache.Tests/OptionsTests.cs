namespace RemoteTasks.Cache.Tests;

/// <summary>Options out of range are refused before a file is touched.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string> Mistakes => [.. Mistaken.Keys];

    private static Dictionary<string, TaskCacheOptions> Mistaken { get; } = new(StringComparer.Ordinal)
    {
        ["rotates before now"] = new() { RotateAfter = TimeSpan.FromTicks(-1) },
        ["begins with no file"] = new() { InitialFiles = 0 },
        ["has fewer plain files than none"] = new() { PlainFiles = -1 },
        ["keeps no file"] = new() { RetainFilesMax = 0 },
        ["keeps files until before they are"] = new() { RetainFor = TimeSpan.FromTicks(-1) },
        ["keeps less than nothing"] = new() { RetainBytesMax = -1 },
        ["has a journal shorter than nothing"] = new() { JournalBytesMax = -1 },
        ["fills a journal shorter than nothing"] = new() { JournalBytesMaxWhileFilling = -1 },
        ["has less memory for indexes than none"] = new() { IndexMemoryMax = -1 },
        ["has less memory for blocks than none"] = new() { BlockMemoryMax = -1 },
        ["merges nothing at once"] = new() { MergesAtOnce = 0 },
        ["waits less than not at all"] = new() { LockTimeout = TimeSpan.FromTicks(-1) },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_option_out_of_range_is_refused(string mistake)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => TaskCache.Open("/nowhere", Mistaken[mistake]));
        Assert.Contains("out of range", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_said_is_a_day_a_file_and_bounds_of_a_machine_of_any_size()
    {
        var options = new TaskCacheOptions();
        Assert.Equal((TimeSpan.FromDays(1), 1_000_000, 268_435_456), (options.RotateAfter, options.RotateRowsMax, options.RotateBytesMax));
        Assert.Equal((7, 0, null, null, 17_179_869_184), (options.InitialFiles, options.PlainFiles, options.RetainFilesMax, options.RetainFor, options.RetainBytesMax));
        Assert.Equal((5_242_880, 117_440_512), (options.JournalBytesMax, options.JournalBytesMaxWhileFilling));
        Assert.Equal((134_217_728, 67_108_864), (options.IndexMemoryMax, options.BlockMemoryMax));
        Assert.InRange(options.MergesAtOnce, 1, Math.Min(4, Environment.ProcessorCount));
    }

    [Fact]
    public void The_least_of_everything_is_in_range()
    {
        TaskCache cache = TaskCache.Open("/nowhere/", new TaskCacheOptions
        {
            RotateAfter = TimeSpan.Zero,
            InitialFiles = 1,
            PlainFiles = 0,
            RetainFilesMax = 1,
            RetainFor = TimeSpan.Zero,
            RetainBytesMax = 0,
            JournalBytesMax = 0,
            JournalBytesMaxWhileFilling = 0,
            IndexMemoryMax = 0,
            BlockMemoryMax = 0,
            MergesAtOnce = 1,
            LockTimeout = TimeSpan.Zero,
        });
        Assert.Equal("/nowhere", cache.Directory);
        Assert.Equal(CacheError.NotFound, Assert.Throws<CacheException>(cache.Read).Error);
    }
}
