using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// A filter, worked out against the dictionaries of one archive: which ids of which columns. What no dictionary knows, no row has.
/// </summary>
internal sealed class FilterPlan
{
    // Guesses that decide which column is looked at first, in cycles a row.
    private const double OneByOne = 8;
    private const double ByTable = 1.5;
    private const double VectorBytes = 32;
    private const double ShareOfNotOk = 0.02;

    private static readonly (TaskColumn, IdSet)[] NoColumn = [];

    private static readonly FilterPlan Nothing = new() { IsNone = true };

    /// <summary>No row can match.</summary>
    internal bool IsNone { get; private init; }

    /// <summary>Every row of the archive matches, but for times.</summary>
    internal bool IsAll => !IsNone && All.Count == 0 && Any is null;

    /// <summary>Columns whose ids must all be wanted ones; first the one that is probably quickest to leave few rows.</summary>
    internal IReadOnlyList<(TaskColumn Column, IdSet Wanted)> All { get; private init; } = [];

    /// <summary>Columns of which one must have a wanted id: where a text may be.</summary>
    internal IReadOnlyList<(TaskColumn Column, IdSet Wanted)>? Any { get; private init; }

    /// <summary>Memory it takes.</summary>
    internal long Bytes => 200 + All.Concat(Any ?? []).Sum(part => part.Wanted.Table.Length + 100L);

    internal static FilterPlan For(TaskFilter filter, Func<TaskColumn, IndexDictionary> dictionaries)
    {
        var all = new List<(TaskColumn, IdSet)>();
        (TaskColumn, IdSet)[] wanted =
        [
            (TaskColumn.Class, new IdSet(StatusClasses.Count, id => filter.MatchesClass((StatusClass)id))),
            .. filter.HasNode ? [(TaskColumn.Node, Ids(dictionaries, TaskColumn.Node, value => MatchesNode(filter, value)))] : NoColumn,
            .. filter.HasType ? [(TaskColumn.Type, Ids(dictionaries, TaskColumn.Type, filter.MatchesType))] : NoColumn,
            .. filter.HasUser ? [(TaskColumn.User, Ids(dictionaries, TaskColumn.User, filter.MatchesUser))] : NoColumn,
            .. filter.HasWorkerId
                ? [(TaskColumn.WorkerId, Ids(dictionaries, TaskColumn.WorkerId, value => filter.MatchesWorkerId(value[1..], IsBackupServer(value))))]
                : NoColumn,
        ];
        foreach ((TaskColumn column, IdSet ids) in wanted)
        {
            if (ids.IsEmpty)
                return Nothing;
            if (!ids.IsAll)
                all.Add((column, ids));
        }

        IReadOnlyList<(TaskColumn, IdSet)>? any = filter.HasText ? WithText(filter, dictionaries) : null;
        if (any is { Count: 0 })
            return Nothing;
        return new FilterPlan { All = [.. all.OrderBy(part => Cost(part.Item1, part.Item2))], Any = any?.Any(part => part.Item2.IsAll) == true ? null : any };
    }

    /// <summary>What it costs to look at every row of a column, and then one by one at those that it leaves.</summary>
    private static double Cost(TaskColumn column, IdSet wanted)
    {
        double left = column == TaskColumn.Class && !wanted.Contains((int)StatusClass.Ok) ? ShareOfNotOk : wanted.Share;
        double all = wanted.IsFew ? wanted.Size * wanted.Width / VectorBytes : ByTable;
        return all + (left * OneByOne);
    }

    private static (TaskColumn, IdSet)[] WithText(TaskFilter filter, Func<TaskColumn, IndexDictionary> dictionaries)
    {
        (TaskColumn, IdSet)[] parts =
        [
            (TaskColumn.Node, Ids(dictionaries, TaskColumn.Node, value => TextInNode(filter, value))),
            (TaskColumn.Type, Ids(dictionaries, TaskColumn.Type, filter.TextIn)),
            (TaskColumn.User, Ids(dictionaries, TaskColumn.User, filter.TextIn)),
            (TaskColumn.WorkerId, Ids(dictionaries, TaskColumn.WorkerId, value => filter.TextInWorkerId(value[1..], IsBackupServer(value)))),
            (TaskColumn.Status, Ids(dictionaries, TaskColumn.Status, filter.TextIn)),
        ];
        return [.. parts.Where(part => !part.Item2.IsEmpty)];
    }

    private delegate bool ValueTest(ReadOnlySpan<byte> value);

    private static IdSet Ids(Func<TaskColumn, IndexDictionary> dictionaries, TaskColumn column, ValueTest isWanted)
    {
        IndexDictionary dictionary = dictionaries(column);
        return new IdSet(dictionary.Count, id => isWanted(dictionary[id]));
    }

    private static bool MatchesNode(TaskFilter filter, ReadOnlySpan<byte> value)
    {
        IndexKeys.ReadNode(value, out ReadOnlySpan<byte> remote, out ReadOnlySpan<byte> node);
        return filter.MatchesNode(remote, node);
    }

    private static bool TextInNode(TaskFilter filter, ReadOnlySpan<byte> value)
    {
        IndexKeys.ReadNode(value, out ReadOnlySpan<byte> remote, out ReadOnlySpan<byte> node);
        return filter.TextIn(remote) || filter.TextIn(node);
    }

    private static bool IsBackupServer(ReadOnlySpan<byte> value) => value[0] == IndexKeys.BackupServer;
}
