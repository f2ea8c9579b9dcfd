using System.Net;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Cache;
using RemoteTasks.Server;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>A daemon over 1.5 million tasks of a week, and 2,000 more that began in one second.</summary>
public sealed class LargeDaemon : IAsyncLifetime
{
    internal const int Tasks = 1_500_000;
    internal const int Burst = 2000;

    private const int BatchTasks = 50_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;

    internal RemoteTasksServer Server { get; private set; } = null!;

    /// <summary>When those began that began together.</summary>
    internal long BurstTime { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Fill();
        Server = await RemoteTasksServer.StartAsync(
            new ServerOptions { Remotes = [], DataDirectory = _directory, Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            static _ => { });
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Fill()
    {
        var data = new GeneratedData(Tasks, byTime: true, GeneratedData.DaysOfSevenFiles);
        BurstTime = data.End - 40_000;
        TaskCache cache = TaskCache.Open(ServerOptions.CacheDirectoryIn(_directory), new TaskCacheOptions { Clock = new StoppedClock(data.End) });
        using CacheWriter writer = cache.Write();
        foreach (TaskInput[] batch in data.Read().Chunk(BatchTasks))
            writer.Update(new TaskBatch { Tasks = [.. batch.Select(task => new TaskRecord(task.Upid, task.Start, task.Status, task.End))] });
        writer.Update(new TaskBatch { Tasks = [.. Enumerable.Range(0, Burst).Select(number => SomeTask.Record(BurstTime, number))] });
        writer.ApplyJournal();
    }

    private sealed class StoppedClock(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
