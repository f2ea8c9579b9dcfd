using System.Text;
using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>At which place of a list a task stands, found without going through the list.</summary>
internal static class ListPlace
{
    /// <summary>The place, from 0; null when the task is not in the list.</summary>
    internal static long? Of(CacheReader reader, TaskQuery query, TaskRow row)
    {
        if (row.StartTime < query.Since || row.StartTime > query.Until)
            return null;
        long place = Newer(reader, query, row.StartTime);
        byte[] upid = Encoding.UTF8.GetBytes(row.Upid);
        using TaskListing second = reader.Stream(query with { Since = row.StartTime, Until = row.StartTime, Start = 0, Limit = 0 });
        for (; second.MoveNext(); place++)
        {
            if (second.Current.Upid.SequenceEqual(upid))
                return place;
        }

        return null;
    }

    /// <summary>How many began after a time.</summary>
    internal static long Newer(CacheReader reader, TaskQuery query, long time)
    {
        if (time == long.MaxValue || time >= query.Until)
            return 0;
        using TaskListing newer = reader.Stream(query with { Since = Math.Max(query.Since ?? long.MinValue, time + 1), Start = 0, Limit = 1 });
        return newer.Total;
    }
}
