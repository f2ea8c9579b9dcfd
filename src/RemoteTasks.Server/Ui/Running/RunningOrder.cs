using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Running;

/// <summary>In what order running tasks are shown.</summary>
public enum RunningOrder
{
    /// <summary>What began last, first.</summary>
    Newest,

    /// <summary>What runs for the longest time, first.</summary>
    Longest,

    /// <summary>By remote and node, then the newest first.</summary>
    Remote,

    /// <summary>By worker type, then the newest first.</summary>
    Type,

    /// <summary>By user, then the newest first.</summary>
    User,
}

/// <summary>Orders in the address of a page.</summary>
internal static class RunningOrders
{
    /// <summary>Reads the word; the newest first for all others.</summary>
    internal static RunningOrder Parse(string? word) =>
        Enum.GetValues<RunningOrder>().FirstOrDefault(order => order.Word() == word);

    internal static string Word(this RunningOrder order) => order switch
    {
        RunningOrder.Longest => "longest",
        RunningOrder.Remote => "remote",
        RunningOrder.Type => "type",
        RunningOrder.User => "user",
        _ => "newest",
    };

    /// <summary>Sorts what comes with the newest first.</summary>
    internal static IEnumerable<TaskRow> Sort(this RunningOrder order, IEnumerable<TaskRow> rows) => order switch
    {
        RunningOrder.Longest => rows.Reverse(),
        RunningOrder.Remote => rows.OrderBy(row => row.Remote, StringComparer.Ordinal).ThenBy(row => row.Node, StringComparer.Ordinal),
        RunningOrder.Type => rows.OrderBy(row => row.WorkerType, StringComparer.Ordinal),
        RunningOrder.User => rows.OrderBy(row => row.User, StringComparer.Ordinal),
        _ => rows,
    };
}
