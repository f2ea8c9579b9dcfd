using System.IO.Hashing;

namespace RemoteTasks.Cache.Index;

/// <summary>The distinct values of a column, each with an id from 0 up in the order in which they were met.</summary>
internal sealed class IndexDictionary
{
    private readonly List<byte[]> _values;
    private Dictionary<ulong, int>? _ids;
    private int[] _next = [];

    internal IndexDictionary() => _values = [];

    internal IndexDictionary(List<byte[]> values) => _values = values;

    internal int Count => _values.Count;

    internal ReadOnlySpan<byte> this[int id] => _values[id];

    /// <summary>The same, for one who keeps it.</summary>
    internal ReadOnlyMemory<byte> ValueOf(int id) => _values[id];

    /// <summary>One of its own that can grow.</summary>
    internal IndexDictionary Copy() => new([.. _values]) { _ids = _ids is null ? null : new(_ids), _next = [.. _next] };

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
                if (value.SequenceEqual(_values[id]))
                    return id;
            }
        }
        else
        {
            first = -1;
        }

        int added = _values.Count;
        _values.Add(value.ToArray());
        Link(hash, added, first);
        return added;
    }

    private Dictionary<ulong, int> Hashed()
    {
        _ids = [];
        for (int id = 0; id < _values.Count; id++)
        {
            ulong hash = XxHash3.HashToUInt64(_values[id]);
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
