namespace RemoteTasks.Cache.Files;

/// <summary>Makes the lines of a file that is written as a whole: sealed, the last one with their number.</summary>
internal sealed class SealedFileWriter
{
    private byte[] _held = [];
    private byte[] _sealed = [];
    private int _heldLength;
    private long _count;

    /// <summary>
    /// Takes a line, without its newline, and gives back the one before it, sealed and with its newline; nothing for the first, since which one is the
    /// last is known only at the end.
    /// </summary>
    internal ReadOnlySpan<byte> Next(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> before = _count == 0 ? default : Seal(count: null);
        if (_held.Length < line.Length)
            _held = new byte[line.Length * 2];
        line.CopyTo(_held);
        _heldLength = line.Length;
        _count++;
        return before;
    }

    /// <summary>The last line; nothing when there was none.</summary>
    internal ReadOnlySpan<byte> Last() => _count == 0 ? default : Seal(_count);

    private ReadOnlySpan<byte> Seal(long? count)
    {
        if (_sealed.Length < _heldLength + LineSeal.LastBytes + 1)
            _sealed = new byte[(_heldLength * 2) + LineSeal.LastBytes + 1];
        int length = LineSeal.Write(_held.AsSpan(0, _heldLength), _sealed, count);
        _sealed[length] = (byte)'\n';
        return _sealed.AsSpan(0, length + 1);
    }
}

/// <summary>Opens the lines of such a file, and finds out whether all are there. A file without seals, as other programs write it, is believed.</summary>
internal sealed class SealedFileReader
{
    private long _read;
    private bool _hasSeals;
    private bool _hasSkipped;
    private long _whole;
    private long? _count;

    /// <summary>Takes the seal off a line; false when it is broken.</summary>
    internal bool TryOpen(ref ReadOnlyMemory<byte> line)
    {
        _read++;
        bool isWhole = LineSeal.TryOpen(ref line, out bool isSealed, out _count);
        _hasSeals |= isSealed;
        if (isSealed && isWhole)
            _whole++;
        return isWhole;
    }

    /// <summary>Lines are passed over.</summary>
    internal void Skip() => _hasSkipped = true;

    /// <summary>What is missing, to be asked at the end of the file; null when nothing is.</summary>
    internal string? Missing => MissingEnd ?? MissingSomewhere;

    /// <summary>That the file goes on behind its end.</summary>
    internal string? MissingEnd => _hasSeals && _count is null ? "lines at the end are missing" : null;

    /// <summary>That lines are missing nobody knows where. Others than whole ones may be some of those that were written, or what somebody put between them.</summary>
    internal string? MissingSomewhere =>
        _hasSeals && !_hasSkipped && _count is { } count && (count > _read || count < _whole) ? $"of {count} lines {_read} are there" : null;
}
