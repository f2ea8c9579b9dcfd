using System.Runtime.InteropServices;

namespace RemoteTasks.Cache.Files;

/// <summary>Takes lines in any order and puts them in the one order, once.</summary>
/// <param name="capacity">How many there will be, as far as that is known.</param>
internal sealed class LineCollector(int capacity = 0)
{
    private readonly List<byte[]> _chunks = [];
    private LinePlace[] _places = new LinePlace[capacity];
    private int _count;

    /// <summary>Adds a line whose bytes lie in an array that nobody writes to any more; what else it has may not stay.</summary>
    internal void Add(in TaskLine line)
    {
        (int chunk, int offset) = Keep(line.Bytes);
        (int upidChunk, int upidOffset) = IsIn(line.Upid, _chunks[chunk], out int inside) ? (chunk, inside) : Keep(line.Upid.ToArray());
        Put(new LinePlace
        {
            Start = line.StartTime,
            Chunk = chunk,
            Offset = offset,
            Length = line.Bytes.Length,
            UpidChunk = upidChunk,
            UpidOffset = upidOffset,
            UpidLength = line.Upid.Length,
        });
    }

    /// <summary>The same for a line of which it is known already where its UPID stands.</summary>
    internal void Add(byte[] array, in JournalRow row)
    {
        if (_chunks.Count == 0 || !ReferenceEquals(_chunks[^1], array))
            _chunks.Add(array);
        Put(new LinePlace
        {
            Start = row.Start,
            Chunk = _chunks.Count - 1,
            Offset = (int)row.Offset,
            Length = row.Length,
            UpidChunk = _chunks.Count - 1,
            UpidOffset = (int)row.Offset + PlainLine.UpidOffset,
            UpidLength = row.UpidLength,
        });
    }

    /// <summary>The lines in order; of equal UPIDs the last that was added.</summary>
    internal SortedLines ToSorted()
    {
        byte[][] chunks = [.. _chunks];
        SortByStart();
        Span<LinePlace> places = _places.AsSpan(0, _count);
        var order = new PlaceOrder(chunks);
        for (int from = 0, to; from < places.Length; from = to)
        {
            for (to = from + 1; to < places.Length && places[to].Start == places[from].Start; to++)
            {
            }

            if (to - from > 1)
                places[from..to].Sort(order);
        }

        int count = 0;
        for (int i = 0; i < places.Length; i++)
        {
            if (count > 0 && PlaceOrder.CompareTasks(places[count - 1], places[i], chunks) == 0)
                count--;
            places[count++] = places[i];
        }

        if (count < _places.Length)
            Array.Resize(ref _places, count);
        return new SortedLines(_places, chunks);
    }

    private void Put(in LinePlace place)
    {
        if (_count == _places.Length)
            Array.Resize(ref _places, Math.Max(16, _count * 2));
        _places[_count++] = place;
    }

    /// <summary>Newest first, of equal ones the first that was added. Numbers are sorted many times faster than places, which then move once each.</summary>
    private void SortByStart()
    {
        ulong[] keys = new ulong[_count];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ((ulong)(uint.MaxValue - (uint)_places[i].Start) << 32) | (uint)i;
        Array.Sort(keys);
        for (int i = 0; i < keys.Length; i++)
        {
            // From place to place, each taking the one that belongs there, until the round closes. A key that was followed names itself.
            LinePlace first = _places[i];
            int at = i;
            for (int from = (int)(uint)keys[at]; from != i; from = (int)(uint)keys[at])
            {
                _places[at] = _places[from];
                keys[at] = (uint)at;
                at = from;
            }

            _places[at] = first;
            keys[at] = (uint)at;
        }
    }

    private (int Chunk, int Offset) Keep(ReadOnlyMemory<byte> bytes)
    {
        // Only the last array is looked at: so arrays are numbered as lines were added, which tells the later of two versions.
        if (_chunks.Count > 0 && IsIn(bytes, _chunks[^1], out int offset))
            return (_chunks.Count - 1, offset);
        if (!MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> part))
            part = bytes.ToArray();
        _chunks.Add(part.Array!);
        return (_chunks.Count - 1, part.Offset);
    }

    private static bool IsIn(ReadOnlyMemory<byte> bytes, byte[] chunk, out int offset)
    {
        bool isIn = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> part) && ReferenceEquals(part.Array, chunk);
        offset = part.Offset;
        return isIn;
    }

    private readonly struct PlaceOrder(byte[][] chunks) : IComparer<LinePlace>
    {
        public int Compare(LinePlace x, LinePlace y)
        {
            int order = CompareTasks(x, y, chunks);
            if (order == 0)
                order = x.Chunk.CompareTo(y.Chunk);
            return order != 0 ? order : x.Offset.CompareTo(y.Offset);
        }

        internal static int CompareTasks(in LinePlace x, in LinePlace y, byte[][] chunks)
        {
            int order = y.Start.CompareTo(x.Start);
            return order != 0 ? order : x.UpidIn(chunks).SequenceCompareTo(y.UpidIn(chunks));
        }
    }
}
