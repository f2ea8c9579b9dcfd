namespace RemoteTasks.Cache.Index;

/// <summary>
/// What was read or decoded last, up to a number of bytes; what was not used for longest makes room. Safe to use from several threads.
/// </summary>
internal sealed class ByteCache<TKey, TValue>(long bytesMax)
    where TKey : notnull
    where TValue : class
{
    // Somewhat more than blocks that a cache of the size in use holds.
    private const int AskedMax = 8191;

    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Bytes)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value, long Bytes)> _order = new();
    private readonly Lock _gate = new();
    private readonly int[] _asked = new int[AskedMax];
    private long _bytes;

    /// <summary>
    /// Notes that something that is not here is asked for; whether it was asked for not long ago. Now and then wrong, which costs memory or time
    /// and nothing else.
    /// </summary>
    internal bool WasAskedFor(TKey key)
    {
        int hash = key.GetHashCode();
        ref int place = ref _asked[(uint)hash % AskedMax];
        bool was = place == hash;
        place = hash;
        return was;
    }

    internal TValue? Find(TKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out LinkedListNode<(TKey, TValue Value, long)>? node))
                return null;
            if (node != _order.First)
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }

            return node.Value.Value;
        }
    }

    internal void Add(TKey key, TValue value, long bytes)
    {
        lock (_gate)
        {
            if (_entries.ContainsKey(key))
                return;
            _entries.Add(key, _order.AddFirst((key, value, bytes)));
            _bytes += bytes;
            while (_bytes > bytesMax && _order.Count > 1)
                Remove(_order.Last!);
        }
    }

    /// <summary>Forgets everything whose key is of a kind.</summary>
    internal void RemoveWhere(Func<TKey, bool> isGone)
    {
        lock (_gate)
        {
            foreach (LinkedListNode<(TKey Key, TValue Value, long Bytes)> node in _entries.Values.Where(node => isGone(node.Value.Key)).ToList())
                Remove(node);
        }
    }

    private void Remove(LinkedListNode<(TKey Key, TValue Value, long Bytes)> node)
    {
        _order.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }
}
