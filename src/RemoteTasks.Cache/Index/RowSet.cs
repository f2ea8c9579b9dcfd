using System.Numerics;

namespace RemoteTasks.Cache.Index;

/// <summary>A set of rows of one archive, a bit a row.</summary>
internal sealed class RowSet
{
    private readonly ulong[] _words;

    internal RowSet(int rows)
    {
        Rows = rows;
        _words = new ulong[(rows + 63) / 64];
    }

    internal int Rows { get; }

    internal Span<ulong> Words => _words;

    internal void Set(int row) => _words[row >> 6] |= 1UL << (row & 63);

    internal void Clear(int row) => _words[row >> 6] &= ~(1UL << (row & 63));

    internal bool Contains(int row) => (_words[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>Sets rows from one on and below another, and no others.</summary>
    internal void SetRange(int from, int to)
    {
        for (int row = from; row < to;)
        {
            if ((row & 63) == 0 && to - row >= 64)
            {
                _words[row >> 6] = ulong.MaxValue;
                row += 64;
            }
            else
            {
                Set(row++);
            }
        }
    }

    internal void And(RowSet other)
    {
        for (int i = 0; i < _words.Length; i++)
            _words[i] &= other._words[i];
    }

    internal void Or(RowSet other)
    {
        for (int i = 0; i < _words.Length; i++)
            _words[i] |= other._words[i];
    }

    internal int Count()
    {
        int count = 0;
        foreach (ulong word in _words)
            count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>How many rows of the set lie from one on and below another.</summary>
    internal int CountRange(int from, int to)
    {
        if (from >= to)
            return 0;
        int first = from >> 6;
        int last = (to - 1) >> 6;
        ulong head = ulong.MaxValue << (from & 63);
        ulong tail = ulong.MaxValue >> (63 - ((to - 1) & 63));
        if (first == last)
            return BitOperations.PopCount(_words[first] & head & tail);
        int count = BitOperations.PopCount(_words[first] & head) + BitOperations.PopCount(_words[last] & tail);
        for (int i = first + 1; i < last; i++)
            count += BitOperations.PopCount(_words[i]);
        return count;
    }

    /// <summary>The first row of the set that is not before a row; <see cref="Rows"/> when there is none.</summary>
    internal int NextFrom(int row)
    {
        if (row >= Rows)
            return Rows;
        int index = row >> 6;
        ulong word = _words[index] & (ulong.MaxValue << (row & 63));
        while (word == 0)
        {
            if (++index == _words.Length)
                return Rows;
            word = _words[index];
        }

        return (index << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>The row behind which <paramref name="count"/> rows of the set have been passed, counted from a row; <see cref="Rows"/> when there are fewer.</summary>
    internal int Skip(int from, long count)
    {
        int row = NextFrom(from);
        if (count == 0 || row >= Rows)
            return row;
        int index = row >> 6;
        ulong word = _words[index] & (ulong.MaxValue << (row & 63));
        while (true)
        {
            int inWord = BitOperations.PopCount(word);
            if (count < inWord)
                break;
            count -= inWord;
            if (++index == _words.Length)
                return Rows;
            word = _words[index];
        }

        for (; count > 0; count--)
            word &= word - 1;
        return (index << 6) + BitOperations.TrailingZeroCount(word);
    }
}
