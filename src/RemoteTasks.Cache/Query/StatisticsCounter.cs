using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Query;

/// <summary>Counts what matches by worker type, remote and node: archives by columns, the lines over them one by one.</summary>
internal sealed class StatisticsCounter(TaskFilter filter)
{
    private readonly Dictionary<string, long[]> _byType = [];
    private readonly Dictionary<(string Remote, string Node), long[]> _byNode = [];

    internal StatisticsCounter Count(TaskSnapshot snapshot)
    {
        foreach (Segment segment in snapshot.Segments)
        {
            foreach (TaskLine line in segment.Over)
            {
                if (filter.Matches(line))
                    Add(line);
            }

            if (segment.Archive is not null)
                Add(segment, segment.Archive.Columns);
        }

        return this;
    }

    internal TaskStatistics Result(IReadOnlyList<UnknownSpan> unknown) => new(
        Counts(Sum(_byType.Values)),
        _byType.ToDictionary(entry => entry.Key, entry => Counts(entry.Value)),
        _byNode.GroupBy(entry => entry.Key.Remote).ToDictionary(remote => remote.Key, remote => Counts(Sum(remote.Select(entry => entry.Value)))),
        _byNode.ToDictionary(entry => entry.Key, entry => Counts(entry.Value)),
        unknown);

    private void Add(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        int status = (int)line.Class;
        Of(_byType, Encoding.UTF8.GetString(fields.WorkerType.Of(upid)))[status]++;
        Of(_byNode, (Encoding.UTF8.GetString(fields.Remote.Of(upid)), Encoding.UTF8.GetString(fields.Node.Of(upid))))[status]++;
    }

    private void Add(Segment segment, ArchiveColumns columns)
    {
        FilterPlan plan = columns.Plan(filter);
        if (plan.IsNone)
            return;
        int[] types;
        int[] nodes;
        if (plan.IsAll && !filter.NeedsUpid)
        {
            (int from, int to) = segment.Range(filter);
            types = RangeCounts.Of(columns, TaskColumn.Type, from, to, segment.Dead);
            nodes = RangeCounts.Of(columns, TaskColumn.Node, from, to, segment.Dead);
        }
        else
        {
            types = new int[columns.Dictionaries[(int)TaskColumn.Type].Count * StatusClasses.Count];
            nodes = new int[columns.Dictionaries[(int)TaskColumn.Node].Count * StatusClasses.Count];
            CountRows(segment.Match(filter), columns, types, nodes);
        }

        Spread(types, columns.Dictionaries[(int)TaskColumn.Type], value => Of(_byType, Encoding.UTF8.GetString(value)));
        Spread(nodes, columns.Dictionaries[(int)TaskColumn.Node], value =>
        {
            IndexKeys.ReadNode(value, out ReadOnlySpan<byte> remote, out ReadOnlySpan<byte> node);
            return Of(_byNode, (Encoding.UTF8.GetString(remote), Encoding.UTF8.GetString(node)));
        });
    }

    private static void CountRows(RowSet rows, ArchiveColumns columns, int[] types, int[] nodes)
    {
        ReadOnlySpan<byte> classes = columns.Column(TaskColumn.Class).Bytes8;
        ColumnData typeIds = columns.Column(TaskColumn.Type);
        ColumnData nodeIds = columns.Column(TaskColumn.Node);
        for (int row = rows.NextFrom(0); row < rows.Rows; row = rows.NextFrom(row + 1))
        {
            types[(typeIds[row] * StatusClasses.Count) + classes[row]]++;
            nodes[(nodeIds[row] * StatusClasses.Count) + classes[row]]++;
        }
    }

    private delegate long[] CountersOf(ReadOnlySpan<byte> value);

    private static void Spread(int[] counts, IndexDictionary dictionary, CountersOf countersOf)
    {
        for (int id = 0; id < dictionary.Count; id++)
        {
            ReadOnlySpan<int> ofId = counts.AsSpan(id * StatusClasses.Count, StatusClasses.Count);
            if (!ofId.ContainsAnyExcept(0))
                continue;
            long[] counters = countersOf(dictionary[id]);
            for (int i = 0; i < ofId.Length; i++)
                counters[i] += ofId[i];
        }
    }

    private static long[] Of<TKey>(Dictionary<TKey, long[]> counters, TKey key)
        where TKey : notnull
    {
        if (!counters.TryGetValue(key, out long[]? counts))
            counters.Add(key, counts = new long[StatusClasses.Count]);
        return counts;
    }

    private static long[] Sum(IEnumerable<long[]> parts)
    {
        long[] sum = new long[StatusClasses.Count];
        foreach (long[] part in parts)
        {
            for (int i = 0; i < sum.Length; i++)
                sum[i] += part[i];
        }

        return sum;
    }

    private static StatusCounts Counts(long[] counts) => new(
        counts[(int)StatusClass.Ok],
        counts[(int)StatusClass.Warning],
        counts[(int)StatusClass.Error],
        counts[(int)StatusClass.Unknown],
        counts[(int)StatusClass.Running]);
}
