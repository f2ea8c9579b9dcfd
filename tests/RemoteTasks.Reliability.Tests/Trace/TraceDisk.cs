namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// What may be on a disk at one moment of a trace. Strict: a sync of a file makes its earlier bytes durable, a sync of the directory its earlier names,
/// and nothing else does. All other changes may be there or not, each by itself, and of a write each piece.
/// </summary>
internal sealed class TraceDisk
{
    private const int SectorBytes = 512;
    private const int PageBytes = 4096;

    private readonly Dictionary<string, int> _names;
    private readonly Dictionary<int, byte[]> _bytes;
    private readonly List<Change> _pending = [];
    private bool _isMade;

    /// <param name="files">What is on it, durably; empty: not even the directory.</param>
    internal TraceDisk(IReadOnlyDictionary<string, (int Inode, byte[] Bytes)> files)
    {
        _names = files.ToDictionary(file => file.Key, file => file.Value.Inode, StringComparer.Ordinal);
        _bytes = files.Values.ToDictionary(file => file.Inode, file => file.Bytes);
        _isMade = files.Count > 0;
    }

    /// <summary>How many changes are not durable yet.</summary>
    internal int Pending => _pending.Count;

    internal void Apply(TraceEvent done)
    {
        switch (done.Kind)
        {
            case EventKind.MakeDirectory:
                _pending.Add(new Change(done.Line, Change.Parent));
                break;
            case EventKind.Create:
                _bytes[done.Inode] = [];
                _pending.Add(new Change(done.Line, Change.Names) { Add = done.Name, Target = done.Inode });
                break;
            case EventKind.Rename:
                _pending.Add(new Change(done.Line, Change.Names) { Remove = done.Name, Add = done.NewName, Target = done.Inode });
                break;
            case EventKind.Unlink:
                _pending.Add(new Change(done.Line, Change.Names) { Remove = done.Name });
                break;
            case EventKind.Cut:
                _pending.Add(new Change(done.Line, done.Inode) { Length = done.Length });
                break;
            case EventKind.Write:
                Write(done);
                break;
            case EventKind.Sync:
                Sync(done.Inode, done.Begun);
                break;
            case EventKind.SyncDirectory:
                Sync(Change.Names, done.Begun);
                break;
            case EventKind.SyncParent:
                Sync(Change.Parent, done.Begun);
                break;
        }
    }

    /// <summary>What is left when of the pending changes only some are kept; null: no directory.</summary>
    internal Dictionary<string, LeftFile>? Left(ReadOnlySpan<bool> isKept)
    {
        bool isMade = _isMade;
        var names = new Dictionary<string, int>(_names, StringComparer.Ordinal);
        var changed = new Dictionary<int, byte[]>();
        var unsynced = new HashSet<int>();
        for (int i = 0; i < _pending.Count; i++)
        {
            Change change = _pending[i];
            if (change.Inode > 0)
                unsynced.Add(change.Inode);
            if (!isKept[i])
                continue;
            if (change.Inode == Change.Parent)
                isMade = true;
            else if (change.Inode == Change.Names)
                change.ApplyTo(names);
            else
                changed[change.Inode] = change.AppliedTo(changed.GetValueOrDefault(change.Inode) ?? _bytes[change.Inode]);
        }

        return isMade
            ? names.ToDictionary(
                name => name.Key,
                name => new LeftFile(name.Value, changed.GetValueOrDefault(name.Value) ?? _bytes[name.Value], unsynced.Contains(name.Value)),
                StringComparer.Ordinal)
            : null;
    }

    /// <summary>The new length without the bytes, and then the bytes, sector by sector, or in a large write page by page.</summary>
    private void Write(TraceEvent done)
    {
        _pending.Add(new Change(done.Line, done.Inode) { Offset = done.Offset + done.Bytes.Length });
        int piece = done.Bytes.Length > 2 * PageBytes ? PageBytes : SectorBytes;
        for (int at = 0; at < done.Bytes.Length;)
        {
            int length = Math.Min(piece - ((done.Offset + at) % piece), done.Bytes.Length - at);
            _pending.Add(new Change(done.Line, done.Inode) { Offset = done.Offset + at, Bytes = done.Bytes.AsMemory(at, length) });
            at += length;
        }
    }

    private void Sync(int inode, long begun)
    {
        foreach (Change change in _pending.Where(change => change.Inode == inode && change.Line < begun))
        {
            if (inode == Change.Parent)
                _isMade = true;
            else if (inode == Change.Names)
                change.ApplyTo(_names);
            else
                _bytes[inode] = change.AppliedTo(_bytes[inode]);
        }

        _pending.RemoveAll(change => change.Inode == inode && change.Line < begun);
    }

    /// <summary>A change of names, or of a file's bytes: a length to cut to, or bytes at an offset (none: the file only grows up to there).</summary>
    private sealed record Change(long Line, int Inode)
    {
        internal const int Names = 0;
        internal const int Parent = -1;

        internal string? Remove { get; init; }

        internal string? Add { get; init; }

        internal int Target { get; init; }

        internal int? Length { get; init; }

        internal int Offset { get; init; }

        internal ReadOnlyMemory<byte> Bytes { get; init; }

        internal void ApplyTo(Dictionary<string, int> names)
        {
            if (Remove is not null)
                names.Remove(Remove);
            if (Add is not null)
                names[Add] = Target;
        }

        internal byte[] AppliedTo(byte[] bytes)
        {
            byte[] changed = new byte[Length ?? Math.Max(bytes.Length, Offset + Bytes.Length)];
            bytes.AsSpan(0, Math.Min(bytes.Length, changed.Length)).CopyTo(changed);
            Bytes.Span.CopyTo(changed.AsSpan(Offset));
            return changed;
        }
    }
}

/// <summary>A file after a crash.</summary>
/// <param name="Inode">Which.</param>
/// <param name="Bytes">What is in it.</param>
/// <param name="IsUnsynced">Whether something was done to it that was not synced.</param>
internal sealed record LeftFile(int Inode, byte[] Bytes, bool IsUnsynced);
