using System.Buffers.Binary;
using System.IO.Hashing;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// The distinct values of a column, each with an id from 0 up in the order in which they were met. They lie one behind the other in one array, since
/// there may be very many.
/// </summary>
internal sealed class IndexDictionary
{
    private const int LengthBytes = 4;

    private byte[] _bytes = [];
    private int[] _ends = [];
    private Dictionary<ulong, int>? _ids;
    private int[] _next = [];

    internal int Count { get; private set; }

    /// <summary>Memory it takes.</summary>
    internal long Bytes => _bytes.Length + (_ends.Length * 4L) + (_next.Length * 4L) + ((_ids?.Count ?? 0) * 28L) + 100;

    internal ReadOnlySpan<byte> this[int id] => _bytes.AsSpan(StartOf(id), _ends[id] - StartOf(id));

    /// <summary>The same, for one who keeps it.</summary>
    internal ReadOnlyMemory<byte> ValueOf(int id) => _bytes.AsMemory(StartOf(id), _ends[id] - StartOf(id));

    /// <summary>One of its own that can grow.</summary>
    internal IndexDictionary Copy() => new()
    {
        _bytes = [.. _bytes],
        _ends = [.. _ends],
        _ids = _ids is null ? null : new(_ids),
        _next = [.. _next],
        Count = Count,
    };

    /// <summary>The id of a value, which becomes a new one when it was not met before.</summary>
    internal int IdOf(ReadOnlySpan<byte> value)
    {
        _ids ??= Hashed();
        ulong hash = XxHash3.HashToUInt64(value);
        if (_ids.TryGetValue(hash, out int first))
        {
            // Values whose hashes are equal form a chain.
            for (int id = first; id >= 0; id = _next[id])
            {
                if (value.SequenceEqual(this[id]))
                    return id;
            }
        }
        else
        {
            first = -1;
        }

        Add(value);
        Link(hash, Count - 1, first);
        return Count - 1;
    }

    /// <summary>As it stands in a file: of each value the length, and its bytes.</summary>
    internal byte[] ToBytes()
    {
        int length = Count == 0 ? 0 : _ends[Count - 1];
        byte[] bytes = new byte[length + (Count * LengthBytes)];
        int at = 0;
        for (int id = 0; id < Count; id++)
        {
            ReadOnlySpan<byte> value = this[id];
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value.Length);
            value.CopyTo(bytes.AsSpan(at + LengthBytes));
            at += LengthBytes + value.Length;
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null when it is something else.</summary>
    internal static IndexDictionary? FromBytes(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty; count++)
        {
            if (rest.Length < LengthBytes || BinaryPrimitives.ReadInt32LittleEndian(rest) is var length && (length < 0 || length > rest.Length - LengthBytes))
                return null;
            rest = rest[(LengthBytes + length)..];
        }

        var dictionary = new IndexDictionary { _bytes = new byte[bytes.Length - (count * LengthBytes)], _ends = new int[count] };
        for (int at = 0; at < bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            dictionary.Add(bytes.Slice(at + LengthBytes, length));
            at += LengthBytes + length;
        }

        return dictionary;
    }

    private int StartOf(int id) => id == 0 ? 0 : _ends[id - 1];

    private void Add(ReadOnlySpan<byte> value)
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        if (Count == _ends.Length)
            Array.Resize(ref _ends, Math.Max(16, Count * 2));
        if (start + value.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(start + value.Length, Math.Max(256, _bytes.Length * 2)));
        value.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + value.Length;
    }

    private Dictionary<ulong, int> Hashed()
    {
        _ids = new Dictionary<ulong, int>(Count);
        for (int id = 0; id < Count; id++)
        {
            ulong hash = XxHash3.HashToUInt64(this[id]);
            Link(hash, id, _ids.TryGetValue(hash, out int first) ? first : -1);
        }

        return _ids;
    }

    private void Link(ulong hash, int id, int next)
    {
        if (_next.Length <= id)
            Array.Resize(ref _next, Math.Max(16, (id + 1) * 2));
        _next[id] = next;
        _ids![hash] = id;
    }
}
