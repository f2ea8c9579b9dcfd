namespace RemoteTasks.Cache.Files;

/// <summary>Many lines in memory, in the one order, one a UPID; 32 bytes a line besides the line itself. Immutable.</summary>
internal sealed class SortedLines
{
    internal static readonly SortedLines Empty = new([], []);

    private readonly LinePlace[] _places;
    private readonly byte[][] _chunks;

    internal SortedLines(LinePlace[] places, byte[][] chunks)
    {
        _places = places;
        _chunks = chunks;
    }

    internal int Count => _places.Length;

    internal long StartOf(int index) => _places[index].Start;

    internal ReadOnlyMemory<byte> LineOf(int index) => _places[index].LineIn(_chunks);

    /// <summary>The line's row in a file where it begins at an offset.</summary>
    internal JournalRow RowOf(int index, long offset)
    {
        ref readonly LinePlace place = ref _places[index];
        bool isInside = place.UpidChunk == place.Chunk && place.UpidOffset == place.Offset + PlainLine.UpidOffset;
        return new JournalRow((uint)place.Start, place.Length, offset, isInside ? place.UpidLength : 0);
    }

    /// <summary>The line understood, in memory that stays valid.</summary>
    /// <exception cref="CacheException">It is not what it was taken for, since somebody wrote to the file in place: <see cref="CacheError.WentBad"/>.</exception>
    internal TaskLine Parse(int index, LineParser parser)
    {
        if (!parser.TryParse(LineOf(index), out TaskLine line, out string? problem) || line.StartTime != StartOf(index))
            throw WentBad($"a line is another one ({problem ?? "another start time"})");
        return line.IsPlain ? line : line.Detach();
    }

    /// <summary>The journal is not what it was.</summary>
    internal static CacheException WentBad(string what) => new(
        CacheError.WentBad,
        $"The journal was whole when it was read, and is not any more: {what}. Nothing was changed; try again: what can be read will be answered, what is "
        + "lost will be named.");

    /// <summary>Whether two sets hold the very same line, not only an equal one.</summary>
    internal bool IsSame(int index, SortedLines other, int otherIndex) =>
        _places[index].Offset == other._places[otherIndex].Offset
        && ReferenceEquals(_chunks[_places[index].Chunk], other._chunks[other._places[otherIndex].Chunk]);

    /// <summary>The one order, between lines of two sets.</summary>
    internal int Compare(int index, SortedLines other, int otherIndex)
    {
        ref readonly LinePlace place = ref _places[index];
        ref readonly LinePlace otherPlace = ref other._places[otherIndex];
        int order = otherPlace.Start.CompareTo(place.Start);
        return order != 0 ? order : place.UpidIn(_chunks).SequenceCompareTo(otherPlace.UpidIn(other._chunks));
    }

    /// <summary>The index of a task; negative when it is not there.</summary>
    internal int Find(in TaskLine key)
    {
        int low = 0;
        int high = _places.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = key.StartTime.CompareTo(_places[middle].Start);
            order = order != 0 ? order : _places[middle].UpidIn(_chunks).SequenceCompareTo(key.Upid.Span);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return ~low;
    }

    /// <summary>The first index, from one on, whose line does not come before a line of another set. Quick when it is near.</summary>
    internal int Seek(int from, SortedLines other, int otherIndex)
    {
        int step = 1;
        int low = from;
        int high = from;
        while (high < Count && Compare(high, other, otherIndex) < 0)
        {
            low = high + 1;
            high += step;
            step *= 2;
        }

        high = Math.Min(high, Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Compare(middle, other, otherIndex) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The first line that began before a time.</summary>
    internal int FirstBefore(long time)
    {
        int low = 0;
        int high = _places.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_places[middle].Start >= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The lines that began in a span, both ends in it.</summary>
    internal SortedLines Between(long newest, long oldest)
    {
        int from = FirstBefore(newest + 1);
        int to = FirstBefore(oldest);
        return from == 0 && to == Count ? this : new SortedLines(_places[from..to], _chunks);
    }

    /// <summary>Both sets as one; of equal UPIDs the other's line stays.</summary>
    internal SortedLines With(SortedLines newer)
    {
        if (newer.Count == 0)
            return this;
        if (Count == 0)
            return newer;
        var joined = new LinePlace[Count + newer.Count];
        int count = 0;
        int left = 0;
        for (int right = 0; right < newer.Count; right++)
        {
            int end = Seek(left, newer, right);
            _places.AsSpan(left, end - left).CopyTo(joined.AsSpan(count));
            count += end - left;
            left = end < Count && Compare(end, newer, right) == 0 ? end + 1 : end;
            joined[count++] = newer._places[right].Shifted(_chunks.Length);
        }

        _places.AsSpan(left).CopyTo(joined.AsSpan(count));
        count += Count - left;
        return new SortedLines(count == joined.Length ? joined : joined[..count], [.. _chunks, .. newer._chunks]);
    }

    /// <summary>Some of the lines, ascending, each followed by a newline in one array of their own, which is what a file gets.</summary>
    internal (SortedLines Lines, byte[] Bytes) Pick(IReadOnlyCollection<int> indexes)
    {
        byte[] bytes = new byte[indexes.Sum(index => _places[index].Length + 1)];
        var places = new LinePlace[indexes.Count];
        var chunks = new List<byte[]> { bytes };
        int at = 0;
        int count = 0;
        foreach (int index in indexes)
        {
            LinePlace place = _places[index];
            LineOf(index).Span.CopyTo(bytes.AsSpan(at));
            bytes[at + place.Length] = (byte)'\n';
            bool isInside = place.UpidChunk == place.Chunk;
            if (!isInside)
                chunks.Add(_chunks[place.UpidChunk]);
            places[count++] = place with
            {
                Chunk = 0,
                Offset = at,
                UpidChunk = isInside ? 0 : chunks.Count - 1,
                UpidOffset = isInside ? at + place.UpidOffset - place.Offset : place.UpidOffset,
            };
            at += place.Length + 1;
        }

        return (new SortedLines(places, [.. chunks]), bytes);
    }
}

/// <summary>Where a line and its UPID (unescaped, with kind) lie among some arrays.</summary>
internal readonly record struct LinePlace
{
    internal long Start { get; init; }

    internal int Chunk { get; init; }

    internal int Offset { get; init; }

    internal int Length { get; init; }

    internal int UpidChunk { get; init; }

    internal int UpidOffset { get; init; }

    internal int UpidLength { get; init; }

    internal ReadOnlyMemory<byte> LineIn(byte[][] chunks) => chunks[Chunk].AsMemory(Offset, Length);

    internal ReadOnlySpan<byte> UpidIn(byte[][] chunks) => chunks[UpidChunk].AsSpan(UpidOffset, UpidLength);

    internal LinePlace Shifted(int chunks) => this with { Chunk = Chunk + chunks, UpidChunk = UpidChunk + chunks };
}
