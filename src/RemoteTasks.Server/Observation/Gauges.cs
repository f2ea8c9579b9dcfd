using System.Diagnostics.Metrics;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Observation;

/// <summary>What there is now, looked up when somebody asks for it.</summary>
internal sealed class Gauges : IDisposable
{
    private readonly Meter _meter = new(Telemetry.Name);
    private readonly TaskStore _store;
    private readonly Freshness _freshness;

    public Gauges(TaskStore store, Freshness freshness, KeptLogs logs)
    {
        (_store, _freshness) = (store, freshness);
        Gauge("remote_tasks.tasks.running", "Tasks that run.", static reader => reader.List(new TaskQuery { Scope = TaskScope.Running, Limit = 1 }).Total);
        Gauge("remote_tasks.tasks.tracked", "Tasks that callers asked to follow.", static reader => reader.State.TrackedTasks.Count);
        Gauge("remote_tasks.history.gaps", "Spans that nodes had forgotten before they were fetched.", static reader => reader.State.Nodes.Sum(node => (long)node.Gaps.Count));
        Gauge("remote_tasks.journal.rows", "Tasks that are not merged into the archives yet.", static reader => reader.JournalRows);
        _meter.CreateObservableGauge("remote_tasks.nodes", Nodes, unit: null, "Nodes by how they answered last: reached, hidden (own tasks only) or failed.");
        _meter.CreateObservableGauge("remote_tasks.cache.size", CacheBytes, "By", "Files of the cache.");
        _meter.CreateObservableGauge("remote_tasks.kept_logs", () => logs.Count, unit: null, "Logs of failed tasks that are kept.");
        _meter.CreateObservableGauge("remote_tasks.kept_logs.size", () => logs.Bytes, "By", "Files of these logs.");
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<CacheReader, long> value) => _meter.CreateObservableGauge(
        name,
        () =>
        {
            using CacheReader reader = _store.Cache.Read();
            return value(reader);
        },
        unit: null,
        description);

    /// <summary>Of a remote that did not even name its nodes, itself.</summary>
    private IEnumerable<Measurement<long>> Nodes() => _freshness.All
        .GroupBy(node => node.Remote, StringComparer.Ordinal)
        .SelectMany(remote => remote.Any(node => node.Node is not null) ? remote.Where(node => node.Node is not null) : remote)
        .GroupBy(node => (node.Remote, State: node.Problem is null ? "reached" : node.SeesAllTasks == false ? "hidden" : "failed"))
        .Select(group => new Measurement<long>(group.Count(), new("remote", group.Key.Remote), new("state", group.Key.State)));

    private long CacheBytes() => new DirectoryInfo(_store.Cache.Directory).EnumerateFiles().Sum(Length);

    /// <summary>A file may go away while they are counted.</summary>
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
