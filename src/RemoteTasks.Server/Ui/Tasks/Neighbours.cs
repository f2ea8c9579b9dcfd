using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>A task, and what began just before and after it on the same node.</summary>
internal static class Neighbours
{
    internal static (TaskRow? Row, IReadOnlyList<TaskRow> Around) Of(TaskStore store, string upid, int eachSide)
    {
        using CacheReader reader = store.Cache.Read();
        if (reader.Find(upid) is not { } row)
            return (null, []);
        var onNode = new TaskQuery { Remote = row.Remote, Node = row.Node };
        long place = ListPlace.Of(reader, onNode, row) ?? 0;
        return (row, reader.List(onNode with { Start = Math.Max(0, place - eachSide), Limit = (2 * eachSide) + 1 }).Rows);
    }
}
