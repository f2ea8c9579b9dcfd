using System.Numerics;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Query;

/// <summary>Counts a range of rows by the ids of a column and their status class, from the counts of all rows where that is shorter.</summary>
internal static class RangeCounts
{
    /// <summary><c>[id * classes + class]</c></summary>
    /// <param name="columns">Of an archive.</param>
    /// <param name="column">One with ids.</param>
    /// <param name="from">The first row.</param>
    /// <param name="to">The first row behind it.</param>
    /// <param name="but">Rows that do not count, in the range or not.</param>
    internal static int[] Of(ArchiveColumns columns, TaskColumn column, int from, int to, ReadOnlySpan<int> but)
    {
        int[] all = columns.CountsOf(column);
        int[] counts = new int[all.Length];
        ColumnData ids = columns.Column(column);
        ReadOnlySpan<byte> classes = columns.Column(TaskColumn.Class).Bytes8;
        if (to - from <= columns.Rows / 2)
        {
            Add(ids, classes, from, to, 1, counts);
        }
        else
        {
            all.CopyTo(counts.AsSpan());
            Add(ids, classes, 0, from, -1, counts);
            Add(ids, classes, to, columns.Rows, -1, counts);
        }

        foreach (int row in but)
        {
            if (row >= from && row < to)
                counts[((int)ids[row] * StatusClasses.Count) + classes[row]]--;
        }

        return counts;
    }

    private static void Add(ColumnData ids, ReadOnlySpan<byte> classes, int from, int to, int step, Span<int> counts)
    {
        classes = classes[from..to];
        switch (ids.Width)
        {
            case 1:
                Add(ids.Bytes8[from..to], classes, step, counts);
                break;
            case 2:
                Add(ids.Bytes16[from..to], classes, step, counts);
                break;
            default:
                Add(ids.Bytes32[from..to], classes, step, counts);
                break;
        }
    }

    private static void Add<T>(ReadOnlySpan<T> ids, ReadOnlySpan<byte> classes, int step, Span<int> counts)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int i = 0; i < ids.Length; i++)
            counts[(int.CreateTruncating(ids[i]) * StatusClasses.Count) + classes[i]] += step;
    }
}
