using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Running;

/// <summary>What runs, the newest first.</summary>
/// <param name="Rows">The tasks, so many at most as a page holds.</param>
/// <param name="Total">How many run in all.</param>
/// <param name="Remotes">How many on each remote.</param>
/// <param name="Lost">Nodes that are not reached, and since when: what runs there may have ended.</param>
internal sealed record RunningNow(IReadOnlyList<TaskRow> Rows, long Total, IReadOnlyDictionary<string, long> Remotes, IReadOnlyDictionary<(string Remote, string Node), long> Lost)
{
    internal const int RowsMax = 5_000;

    // What a Backup Server is polled as; its tasks name its host.
    private const string BackupServerNode = "localhost";

    internal static RunningNow Read(CacheReader reader)
    {
        var query = new TaskQuery { Scope = TaskScope.Running, Limit = RowsMax };
        TaskPage page = reader.List(query);
        return new RunningNow(
            page.Rows,
            page.Total,
            reader.Statistics(query).ByRemote.ToDictionary(remote => remote.Key, remote => remote.Value.Running, StringComparer.Ordinal),
            page.Unknown.Where(span => span is { Reason: UnknownReason.NotReached, Remote: not null, Node: not null }).ToDictionary(span => (span.Remote!, span.Node!), span => span.From));
    }

    /// <summary>Since when a task's node is not reached; null: it is.</summary>
    internal long? LostSince(TaskRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Lost.TryGetValue((row.Remote, row.Node), out long since) || Lost.TryGetValue((row.Remote, BackupServerNode), out since) ? since : null;
    }
}
