using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui.Live;

namespace RemoteTasks.Server.Ui.Running;

/// <summary>What runs, as one page sees it go by: what it saw running and has ended since stays for a while, so that nobody misses how.</summary>
internal sealed class RunningWatch(TaskStore store, Summaries summaries, TimeProvider clock)
{
    internal static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly List<(TaskRow Row, long SeenAt)> _ended = [];

    /// <summary>What runs.</summary>
    internal RunningNow Now { get; private set; } = new([], 0, new Dictionary<string, long>(), new Dictionary<(string, string), long>());

    /// <summary>What has ended of late, the latest first.</summary>
    internal IEnumerable<TaskRow> Ended => _ended.Select(ended => ended.Row);

    /// <summary>Looks again; false when all is as it was.</summary>
    internal bool Refresh()
    {
        long at = clock.GetTimestamp();
        bool isForgotten = _ended.RemoveAll(ended => clock.GetElapsedTime(ended.SeenAt, at) >= KeptFor) > 0;
        RunningNow before = Now;
        Now = summaries.Of("running-now", RunningNow.Read);
        if (ReferenceEquals(before, Now))
            return isForgotten;
        KeepEnded(before, at);
        return true;
    }

    private void KeepEnded(RunningNow before, long at)
    {
        var running = Now.Rows.Select(row => row.Upid).ToHashSet(StringComparer.Ordinal);
        TaskRow[] gone = [.. before.Rows.Where(row => !running.Contains(row.Upid))];
        if (gone.Length == 0)
            return;
        using CacheReader reader = store.Cache.Read();

        // A remote that was removed takes along what ran on it: nobody will know how that ended.
        IEnumerable<TaskRow> ended = gone.Select(row => reader.Find(row.Upid)).OfType<TaskRow>().Where(row => row.EndTime is not null);
        _ended.InsertRange(0, ended.OrderByDescending(row => row.EndTime).Select(row => (row, at)));
    }
}
