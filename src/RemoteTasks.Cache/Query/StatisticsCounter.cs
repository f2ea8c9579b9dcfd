using System.Runtime.InteropServices;
using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Query;

/// <summary>Counts what matches by worker type, remote and node: archives by columns, the lines over them one by one.</summary>
internal sealed class StatisticsCounter(TaskFilter filter)
{
    private readonly Counters _byType = new();
    private readonly Counters _byNode = new();
    private byte[] _key = new byte[256];

    internal StatisticsCounter Count(TaskSnapshot snapshot)
    {
        foreach (Segment segment in snapshot.Segments)
        {
            if (segment.IsOutside(filter))
                continue;
            foreach (int i in segment.MatchOver(filter))
                Add(segment.Over[i]);

            if (segment.Archive is not null)
                Add(segment, segment.Archive.Columns);
        }

        return this;
    }

    internal TaskStatistics Result(IReadOnlyList<UnknownSpan> unknown)
    {
        var byType = new Dictionary<string, StatusCounts>();
        var byNode = new Dictionary<(string Remote, string Node), StatusCounts>(_byNode.Count);
        var byRemote = new Dictionary<string, StatusCounts>();
        StatusCounts all = default;
        for (int id = 0; id < _byType.Count; id++)
        {
            StatusCounts counts = _byType.Of(id);
            byType.Add(Encoding.UTF8.GetString(_byType.Value(id)), counts);
            all = all.Plus(counts);
        }

        for (int id = 0; id < _byNode.Count; id++)
        {
            IndexKeys.ReadNode(_byNode.Value(id), out ReadOnlySpan<byte> remoteBytes, out ReadOnlySpan<byte> nodeBytes);
            string remote = Encoding.UTF8.GetString(remoteBytes);
            StatusCounts counts = _byNode.Of(id);

            // A remote may have been of another kind once.
            Add(byNode, (remote, Encoding.UTF8.GetString(nodeBytes)), counts);
            Add(byRemote, remote, counts);
        }

        return new TaskStatistics(all, byType, byRemote, byNode, unknown);
    }

    private static void Add<TKey>(Dictionary<TKey, StatusCounts> sums, TKey key, in StatusCounts counts)
        where TKey : notnull
    {
        ref StatusCounts sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        sum = sum.Plus(counts);
    }

    private void Add(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        byte kind = fields.IsBackupServer ? IndexKeys.BackupServer : IndexKeys.VirtualEnvironment;
        int length = IndexKeys.Write(ref _key, kind, fields.Remote.Of(upid), fields.Node.Of(upid));
        _byType.Add(fields.WorkerType.Of(upid), line.Class);
        _byNode.Add(_key.AsSpan(0, length), line.Class);
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
            types = new int[columns.Dictionary(TaskColumn.Type).Count * StatusClasses.Count];
            nodes = new int[columns.Dictionary(TaskColumn.Node).Count * StatusClasses.Count];
            CountRows(segment.Match(filter), columns, types, nodes);
        }

        _byType.Add(types, columns.Dictionary(TaskColumn.Type));
        _byNode.Add(nodes, columns.Dictionary(TaskColumn.Node));
    }

    private static void CountRows(RowSet rows, ArchiveColumns columns, int[] types, int[] nodes)
    {
        ReadOnlySpan<byte> classes = columns.Column(TaskColumn.Class).Bytes8;
        ColumnData typeIds = columns.Column(TaskColumn.Type);
        ColumnData nodeIds = columns.Column(TaskColumn.Node);
        for (int row = rows.NextFrom(rows.Base); row < rows.To; row = rows.NextFrom(row + 1))
        {
            types[(typeIds[row] * StatusClasses.Count) + classes[row]]++;
            nodes[(nodeIds[row] * StatusClasses.Count) + classes[row]]++;
        }
    }

    /// <summary>Counts by value and status class, of values from several dictionaries.</summary>
    private sealed class Counters
    {
        private readonly IndexDictionary _values = new();
        private long[] _counts = new long[64 * StatusClasses.Count];

        /// <summary>How many values there are.</summary>
        internal int Count => _values.Count;

        internal ReadOnlySpan<byte> Value(int id) => _values[id];

        internal void Add(ReadOnlySpan<byte> value, StatusClass status) => RowOf(value)[(int)status]++;

        /// <summary>Adds counts of the values of a dictionary; those without any get no row.</summary>
        internal void Add(ReadOnlySpan<int> counts, IndexDictionary dictionary)
        {
            for (int id = 0; id < dictionary.Count; id++)
            {
                ReadOnlySpan<int> ofId = counts.Slice(id * StatusClasses.Count, StatusClasses.Count);
                if (!ofId.ContainsAnyExcept(0))
                    continue;
                Span<long> row = RowOf(dictionary[id]);
                for (int i = 0; i < ofId.Length; i++)
                    row[i] += ofId[i];
            }
        }

        internal StatusCounts Of(int id) => StatusCounts.Of(_counts.AsSpan(id * StatusClasses.Count, StatusClasses.Count));

        private Span<long> RowOf(ReadOnlySpan<byte> value)
        {
            int start = _values.IdOf(value) * StatusClasses.Count;
            if (start == _counts.Length)
                Array.Resize(ref _counts, start * 2);
            return _counts.AsSpan(start, StatusClasses.Count);
        }
    }
}
