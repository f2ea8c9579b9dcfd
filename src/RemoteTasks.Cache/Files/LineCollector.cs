using System.Runtime.InteropServices;

namespace RemoteTasks.Cache.Files;

/// <summary>Takes lines in any order and puts them in the one order.</summary>
/// <param name="capacity">How many there will be, as far as that is known.</param>
internal sealed class LineCollector(int capacity = 0)
{
    private readonly List<LinePlace> _places = new(capacity);
    private readonly List<byte[]> _chunks = [];

    /// <summary>Adds a line whose bytes lie in an array that nobody writes to any more; what else it has may not stay.</summary>
    internal void Add(in TaskLine line)
    {
        (int chunk, int offset) = Keep(line.Bytes);
        (int upidChunk, int upidOffset) = IsIn(line.Upid, _chunks[chunk], out int inside) ? (chunk, inside) : Keep(line.Upid.ToArray());
        _places.Add(new LinePlace
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

    /// <summary>The lines in order; of equal UPIDs the last that was added.</summary>
    internal SortedLines ToSorted()
    {
        byte[][] chunks = [.. _chunks];
        Span<LinePlace> places = CollectionsMarshal.AsSpan(_places);
        places.Sort(new PlaceOrder(chunks));
        int count = 0;
        for (int i = 0; i < places.Length; i++)
        {
            if (count > 0 && PlaceOrder.CompareTasks(places[count - 1], places[i], chunks) == 0)
                count--;
            places[count++] = places[i];
        }

        return new SortedLines(places[..count].ToArray(), chunks);
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
