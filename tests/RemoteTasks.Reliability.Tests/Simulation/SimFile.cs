namespace RemoteTasks.Reliability.Tests.Simulation;

/// <summary>A file: its bytes now, its bytes as they were synced last, and what changed since.</summary>
internal sealed class SimFile(ulong inode, byte[] durable)
{
    private readonly List<ContentChange> _pending = [];
    private byte[] _bytes = durable;
    private int _length = durable.Length;

    internal ulong Inode => inode;

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    internal byte[] Durable { get; private set; } = durable;

    /// <summary>Changes since the last sync, in order.</summary>
    internal IReadOnlyList<ContentChange> Pending => _pending;

    internal long Modified { get; private set; } = 1;

    internal void Change(ContentChange change, long time)
    {
        // The array may be the durable one, which stays.
        int length = change.LengthAfter(_length);
        if (length > _bytes.Length || ReferenceEquals(_bytes, Durable))
            Array.Resize(ref _bytes, Math.Max(length, ReferenceEquals(_bytes, Durable) ? _bytes.Length + 256 : _bytes.Length * 2));
        if (change.Length is { } cut && cut < _length)
            _bytes.AsSpan(cut, _length - cut).Clear();
        change.Bytes.CopyTo(_bytes, change.Offset);
        _length = length;
        _pending.Add(change);
        Modified = time;
    }

    internal void Rot(int at)
    {
        _bytes = Bytes.ToArray();
        _bytes[at] ^= 0x10;
        Durable = _bytes;
    }

    /// <summary>What the kernel does when it cannot write a file: it shows the new bytes, takes them for written, and they never are.</summary>
    internal void LoseUnsynced() => _pending.Clear();

    /// <param name="butLast">How many of the last changes are not in it.</param>
    internal void Sync(int butLast = 0)
    {
        int count = Math.Max(0, _pending.Count - butLast);
        if (count == 0)
            return;
        Durable = butLast == 0 ? Bytes.ToArray() : _pending.Take(count).Aggregate(Durable, (bytes, change) => change.AppliedTo(bytes, static _ => true));
        _pending.RemoveRange(0, count);
    }
}

/// <summary>A write, or (where <paramref name="Length"/> is given) a change of the length.</summary>
internal sealed record ContentChange(long Sequence, int Offset, byte[] Bytes, int? Length)
{
    internal int LengthAfter(int length) => Length ?? Math.Max(length, Offset + Bytes.Length);

    /// <summary>A copy of some bytes with the change made, as far as its own bytes are kept.</summary>
    internal byte[] AppliedTo(byte[] bytes, Func<int, bool> isKept)
    {
        byte[] changed = new byte[LengthAfter(bytes.Length)];
        bytes.AsSpan(0, Math.Min(bytes.Length, changed.Length)).CopyTo(changed);
        for (int i = 0; i < Bytes.Length; i++)
        {
            if (isKept(i))
                changed[Offset + i] = Bytes[i];
        }

        return changed;
    }
}
