using Microsoft.Extensions.Time.Testing;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>A cache in a directory of its own. When the test is over the whole cache is checked, unless the test damaged it.</summary>
internal sealed class TempCache : IDisposable
{
    internal TempCache(long now = 1000, TaskCacheOptions? options = null)
    {
        Root = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;
        Path = System.IO.Path.Combine(Root, "remote-tasks");
        Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now));
        Options = (options ?? Small) with { Clock = Clock };
        Cache = TaskCache.Open(Path, Options);
    }

    /// <summary>Files begin when a test says so, nothing is applied by itself, and the newest file stays plain.</summary>
    internal static TaskCacheOptions Small { get; } = new()
    {
        RotateAfter = TimeSpan.Zero,
        RetainFilesMax = 4,
        PlainFiles = 1,
        JournalBytesMax = 1 << 20,
        InitialFiles = 3,
    };

    internal string Root { get; }

    internal string Path { get; }

    internal FakeTimeProvider Clock { get; }

    internal TaskCacheOptions Options { get; }

    internal TaskCache Cache { get; private set; }

    /// <summary>Set by tests that damage files on purpose.</summary>
    internal bool IsDamaged { get; set; }

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    internal string[] Archives() =>
        [.. Directory.GetFiles(Path, "archive.*").Select(file => System.IO.Path.GetFileName(file))
            .Where(file => !file.EndsWith(".idx", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)];

    internal void Reopen() => Cache = TaskCache.Open(Path, Options);

    internal UpdateResult Add(params TaskRecord[] tasks)
    {
        using CacheWriter writer = Cache.Write();
        return writer.Update(new TaskBatch { Tasks = tasks });
    }

    internal ApplyResult Apply()
    {
        using CacheWriter writer = Cache.Write();
        return writer.ApplyJournal();
    }

    internal RotateResult RotateAt(long now)
    {
        Clock.AdjustTime(DateTimeOffset.FromUnixTimeSeconds(now));
        using CacheWriter writer = Cache.Write();
        return writer.Rotate();
    }

    internal TaskPage List(TaskQuery? query = null)
    {
        using CacheReader reader = Cache.Read();
        return reader.List(query ?? new TaskQuery { Limit = 0 });
    }

    internal long[] Starts(TaskQuery? query = null) => [.. List(query).Rows.Select(row => row.StartTime)];

    internal CacheState State()
    {
        using CacheReader reader = Cache.Read();
        return reader.State;
    }

    public void Dispose()
    {
        if (!IsDamaged && Directory.Exists(Path) && Directory.EnumerateFiles(Path).Any())
        {
            CheckReport report = Cache.Check();
            Assert.False(report.IsDamaged, string.Join('\n', report.Findings));
        }

        Directory.Delete(Root, recursive: true);
    }
}
