using System.Numerics;

namespace RemoteTasks.Cache.Index;

/// <summary>A set of some of an archive's rows, a bit a row. Only rows from the first that it was made for, and below the last, may be in it.</summary>
internal sealed class RowSet
{
    private readonly ulong[] _words;

    internal RowSet(int from, int to)
    {
        Base = from & ~63;
        To = Math.Max(from, to);
        _words = new ulong[(To - Base + 63) / 64];
    }

    /// <summary>The row of the first word's lowest bit.</summary>
    internal int Base { get; }

    /// <summary>The first row behind those that may be in it.</summary>
    internal int To { get; }

    /// <summary>The bits, 64 rows a word.</summary>
    internal Span<ulong> Words => _words;

    internal void Clear(int row) => _words[(row - Base) >> 6] &= ~(1UL << (row & 63));

    /// <summary>Sets rows from one on and below another, and no others.</summary>
    internal void SetRange(int from, int to)
    {
        for (int row = from; row < to;)
        {
            int end = Math.Min(to, (row | 63) + 1);
            _words[(row - Base) >> 6] |= (ulong.MaxValue >> (64 - (end - row))) << (row & 63);
            row = end;
        }
    }

    internal RowSet Copy()
    {
        var copy = new RowSet(Base, To);
        copy.Or(this);
        return copy;
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
        int first = (from - Base) >> 6;
        int last = (to - 1 - Base) >> 6;
        ulong head = ulong.MaxValue << (from & 63);
        ulong tail = ulong.MaxValue >> (63 - ((to - 1) & 63));
        if (first == last)
            return BitOperations.PopCount(_words[first] & head & tail);
        int count = BitOperations.PopCount(_words[first] & head) + BitOperations.PopCount(_words[last] & tail);
        for (int i = first + 1; i < last; i++)
            count += BitOperations.PopCount(_words[i]);
        return count;
    }

    /// <summary>The first row of the set that is not before a row; <see cref="To"/> when there is none.</summary>
    internal int NextFrom(int row)
    {
        if (row >= To)
            return To;
        int index = (row - Base) >> 6;
        ulong word = _words[index] & (ulong.MaxValue << (row & 63));
        while (word == 0)
        {
            if (++index == _words.Length)
                return To;
            word = _words[index];
        }

        return Base + (index << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>The row behind which <paramref name="count"/> rows of the set have been passed, counted from a row; <see cref="To"/> when there are fewer.</summary>
    internal int Skip(int from, long count)
    {
        int row = NextFrom(from);
        if (count == 0 || row >= To)
            return row;
        int index = (row - Base) >> 6;
        ulong word = _words[index] & (ulong.MaxValue << (row & 63));
        while (true)
        {
            int inWord = BitOperations.PopCount(word);
            if (count < inWord)
                break;
            count -= inWord;
            if (++index == _words.Length)
                return To;
            word = _words[index];
        }

        for (; count > 0; count--)
            word &= word - 1;
        return Base + (index << 6) + BitOperations.TrailingZeroCount(word);
    }
}
