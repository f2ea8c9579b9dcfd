using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>The daemon's way to its cache, before anybody asks for it.</summary>
public sealed class TaskStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-store-").FullName;

    private string Journal => Path.Combine(_directory, "journal");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_the_process_before_left_in_doubt_is_written_anew_before_it_is_shown()
    {
        Leave("{\"torn");
        TaskCache cache = TaskCache.Open(_directory);
        using var store = new TaskStore(cache, NullLogger<TaskStore>.Instance);
        await store.MakeSureAsync(CancellationToken.None);
        Assert.EndsWith("}\n", await File.ReadAllTextAsync(Journal, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Null(store.Failure);
        using CacheReader reader = cache.Read();
        Assert.Equal(1, reader.List(new TaskQuery()).Total);
    }

    [Fact]
    public async Task A_cache_that_refuses_is_told_of_and_read_all_the_same()
    {
        Leave("{\"torn");
        using CacheWriter other = TaskCache.Open(_directory).Write();
        TaskCache cache = TaskCache.Open(_directory, new TaskCacheOptions { LockTimeout = TimeSpan.FromMilliseconds(50) });
        var logs = new Logs();
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var store = new TaskStore(cache, loggers.CreateLogger<TaskStore>());
        await store.MakeSureAsync(CancellationToken.None);
        Assert.Contains("could not be made durable; the next poll tries again", Assert.Single(logs.Errors), StringComparison.Ordinal);
        Assert.EndsWith("{\"torn", await File.ReadAllTextAsync(Journal, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using CacheReader reader = cache.Read();
        Assert.Equal(1, reader.List(new TaskQuery()).Total);
    }

    /// <summary>A task that is stored, and behind it what a process that was killed leaves.</summary>
    private void Leave(string tail)
    {
        using (CacheWriter writer = TaskCache.Open(_directory).Write())
            writer.Update(new TaskBatch { Tasks = [EmptyDaemon.Record(1)] });
        File.AppendAllText(Journal, tail);
    }
}
