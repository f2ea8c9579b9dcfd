using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RemoteTasks.Cache.Index;

/// <summary>Finds the rows whose value in a column is one of some ids. Vectors where one id is wanted, a table where there are more.</summary>
internal static class ColumnScan
{
    /// <summary>Adds the rows from one on and below another whose value is wanted.</summary>
    internal static void Find(ColumnData column, IdSet wanted, int from, int to, RowSet found)
    {
        if (wanted.Single is { } id)
            FindOne(column, id, from, to, found);
        else
            FindAny(column, wanted, from, to, found);
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

    private static void FindOne(ColumnData column, int id, int from, int to, RowSet found)
    {
        int row = from;
        int aligned = Math.Min(to, (from + 63) & ~63);
        for (; row < aligned; row++)
        {
            if (column[row] == id)
                found.Set(row);
        }

        Span<ulong> words = found.Words;
        for (; row + 64 <= to; row += 64)
            words[row >> 6] |= Equal64(column, row, id);
        for (; row < to; row++)
        {
            if (column[row] == id)
                found.Set(row);
        }
    }

    /// <summary>A bit for each of 64 rows.</summary>
    private static ulong Equal64(ColumnData column, int row, int id)
    {
        ulong word = 0;
        switch (column.Width)
        {
            case 1:
                ref byte bytes = ref MemoryMarshal.GetArrayDataReference(column.Bytes);
                for (int i = 0; i < 64; i += 32)
                {
                    uint bits = Vector256.Equals(Vector256.LoadUnsafe(ref bytes, (nuint)(row + i)), Vector256.Create((byte)id)).ExtractMostSignificantBits();
                    word |= (ulong)bits << i;
                }

                return word;
            case 2:
                ref ushort shorts = ref MemoryMarshal.GetReference(column.Bytes16);
                for (int i = 0; i < 64; i += 16)
                {
                    uint bits = Vector256.Equals(Vector256.LoadUnsafe(ref shorts, (nuint)(row + i)), Vector256.Create((ushort)id)).ExtractMostSignificantBits();
                    word |= (ulong)bits << i;
                }

                return word;
            default:
                ref uint ints = ref MemoryMarshal.GetReference(column.Bytes32);
                for (int i = 0; i < 64; i += 8)
                {
                    uint bits = Vector256.Equals(Vector256.LoadUnsafe(ref ints, (nuint)(row + i)), Vector256.Create((uint)id)).ExtractMostSignificantBits();
                    word |= (ulong)bits << i;
                }

                return word;
        }
    }

    private static void FindAny(ColumnData column, IdSet wanted, int from, int to, RowSet found)
    {
        ReadOnlySpan<byte> table = wanted.Table;
        Span<ulong> words = found.Words;
        for (int row = from; row < to;)
        {
            int end = Math.Min(to, (row | 63) + 1);
            int index = row >> 6;
            ulong word = 0;
            switch (column.Width)
            {
                case 1:
                    for (; row < end; row++)
                        word |= (ulong)table[column.Bytes8[row]] << (row & 63);
                    break;
                case 2:
                    ReadOnlySpan<ushort> shorts = column.Bytes16;
                    for (; row < end; row++)
                        word |= (ulong)table[shorts[row]] << (row & 63);
                    break;
                default:
                    ReadOnlySpan<uint> ints = column.Bytes32;
                    for (; row < end; row++)
                        word |= (ulong)table[(int)ints[row]] << (row & 63);
                    break;
            }

            words[index] |= word;
        }
    }
}

/// <summary>Some ids of a dictionary.</summary>
internal sealed class IdSet
{
    private readonly byte[] _table;

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
            First = Size == 0 ? id : First;
            Size++;
        }
    }

    /// <summary>How many ids are in it.</summary>
    internal int Size { get; }

    internal bool IsEmpty => Size == 0;

    internal bool IsAll => Size == _table.Length;

    /// <summary>The only id in it; null when there is not just one.</summary>
    internal int? Single => Size == 1 ? First : null;

    /// <summary>1 for ids in the set, 0 for the others.</summary>
    internal ReadOnlySpan<byte> Table => _table;

    internal bool Contains(int id) => _table[id] != 0;

    private int First { get; }
}
