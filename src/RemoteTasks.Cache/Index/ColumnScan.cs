using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RemoteTasks.Cache.Index;

/// <summary>Finds the rows whose value in a column is one of some ids. Vectors where few ids are wanted, a table where there are more.</summary>
internal static class ColumnScan
{
    // Of 64 rows, so few are looked at one by one sooner than all of them at once.
    private const int SparseMax = 6;

    /// <summary>Adds the rows from one on and below another whose value is wanted.</summary>
    internal static void Find(ColumnData column, IdSet wanted, int from, int to, RowSet found)
    {
        switch (column.Width)
        {
            case 1:
                Find(column.Bytes8, wanted, from, to, found);
                break;
            case 2:
                Find(column.Bytes16, wanted, from, to, found);
                break;
            default:
                Find(column.Bytes32, wanted, from, to, found);
                break;
        }
    }

    /// <summary>Takes the rows away whose value is not wanted; looks only where there are any.</summary>
    internal static void Keep(ColumnData column, IdSet wanted, RowSet found)
    {
        switch (column.Width)
        {
            case 1:
                Keep(column.Bytes8, wanted, found);
                break;
            case 2:
                Keep(column.Bytes16, wanted, found);
                break;
            default:
                Keep(column.Bytes32, wanted, found);
                break;
        }
    }

    /// <summary>The largest value; 0 when there is none.</summary>
    internal static uint Max(ColumnData column) => column.Width switch
    {
        1 => Max(column.Bytes8),
        2 => Max(column.Bytes16),
        _ => Max(column.Bytes32),
    };

    private static uint Max<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(values);
        Vector<T> largest = Vector<T>.Zero;
        foreach (Vector<T> vector in vectors)
            largest = Vector.Max(largest, vector);
        T max = T.Zero;
        for (int i = 0; i < Vector<T>.Count; i++)
            max = T.Max(max, largest[i]);
        foreach (T value in values[(vectors.Length * Vector<T>.Count)..])
            max = T.Max(max, value);
        return uint.CreateTruncating(max);
    }

    private static void Find<T>(ReadOnlySpan<T> values, IdSet wanted, int from, int to, RowSet found)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> few = wanted.CopyFew(stackalloc T[IdSet.FewMax]);
        Span<ulong> words = found.Words;
        for (int row = from; row < to;)
        {
            int end = Math.Min(to, (row | 63) + 1);
            words[(row - found.Base) >> 6] |= end - row == 64 && !few.IsEmpty ? Equal64(values, row, few) : ByTable(values, row, end, wanted.Table);
            row = end;
        }
    }

    private static void Keep<T>(ReadOnlySpan<T> values, IdSet wanted, RowSet found)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> few = wanted.CopyFew(stackalloc T[IdSet.FewMax]);
        ReadOnlySpan<byte> table = wanted.Table;
        Span<ulong> words = found.Words;
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = words[i];
            int row = found.Base + (i << 6);
            if (BitOperations.PopCount(word) > SparseMax)
            {
                int end = Math.Min(values.Length, row + 64);
                words[i] = word & (end - row == 64 && !few.IsEmpty ? Equal64(values, row, few) : ByTable(values, row, end, table));
                continue;
            }

            for (ulong left = word; left != 0; left &= left - 1)
            {
                int bit = BitOperations.TrailingZeroCount(left);
                if (table[int.CreateTruncating(values[row + bit])] == 0)
                    words[i] &= ~(1UL << bit);
            }
        }
    }

    /// <summary>A bit for each of 64 rows.</summary>
    private static ulong Equal64<T>(ReadOnlySpan<T> values, int row, ReadOnlySpan<T> ids)
        where T : unmanaged, IBinaryInteger<T>
    {
        ref T first = ref MemoryMarshal.GetReference(values.Slice(row, 64));
        ulong word = 0;
        for (int i = 0; i < 64; i += 2 * Vector256<T>.Count)
        {
            // Two at a time: the ids are loaded half as often.
            int next = i + Vector256<T>.Count;
            var left = Vector256.LoadUnsafe(ref first, (nuint)i);
            var right = Vector256.LoadUnsafe(ref first, (nuint)next);
            Vector256<T> leftEqual = Vector256<T>.Zero;
            Vector256<T> rightEqual = Vector256<T>.Zero;
            foreach (T id in ids)
            {
                var wanted = Vector256.Create(id);
                leftEqual |= Vector256.Equals(left, wanted);
                rightEqual |= Vector256.Equals(right, wanted);
            }

            word |= ((ulong)leftEqual.ExtractMostSignificantBits() << i) | ((ulong)rightEqual.ExtractMostSignificantBits() << next);
        }

        return word;
    }

    /// <summary>A bit for each of some rows of one word.</summary>
    private static ulong ByTable<T>(ReadOnlySpan<T> values, int from, int to, ReadOnlySpan<byte> table)
        where T : unmanaged, IBinaryInteger<T>
    {
        ulong word = 0;
        for (int row = from; row < to; row++)
            word |= (ulong)table[int.CreateTruncating(values[row])] << (row & 63);
        return word;
    }
}

/// <summary>Some ids of a dictionary.</summary>
internal sealed class IdSet
{
    /// <summary>So many ids are compared with each value; more are looked up in a table.</summary>
    internal const int FewMax = 12;

    private readonly byte[] _table;
    private readonly int[] _few = new int[FewMax];

    /// <param name="count">Ids of the dictionary.</param>
    /// <param name="isWanted">Which are in the set.</param>
    internal IdSet(int count, Func<int, bool> isWanted)
    {
        _table = new byte[count];
        for (int id = 0; id < count; id++)
        {
            if (!isWanted(id))
                continue;
            _table[id] = 1;
            if (Size < FewMax)
                _few[Size] = id;
            Size++;
        }
    }

    /// <summary>How many ids are in it.</summary>
    internal int Size { get; }

    /// <summary>Bytes that an id takes in the column.</summary>
    internal int Width => _table.Length <= 1 << 8 ? 1 : _table.Length <= 1 << 16 ? 2 : 4;

    internal bool IsEmpty => Size == 0;

    internal bool IsFew => Size <= FewMax;

    internal bool IsAll => Size == _table.Length;

    /// <summary>Which part of the ids it has: a guess at how many rows it lets through.</summary>
    internal double Share => (double)Size / _table.Length;

    /// <summary>1 for ids in the set, 0 for the others.</summary>
    internal ReadOnlySpan<byte> Table => _table;

    internal bool Contains(int id) => _table[id] != 0;

    /// <summary>The ids, where they are few; none otherwise.</summary>
    internal ReadOnlySpan<T> CopyFew<T>(Span<T> target)
        where T : IBinaryInteger<T>
    {
        if (!IsFew)
            return default;
        for (int i = 0; i < Size; i++)
            target[i] = T.CreateTruncating(_few[i]);
        return target[..Size];
    }
}
