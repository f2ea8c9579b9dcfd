namespace RemoteTasks.Cache.Files;

/// <summary>Room for lines that are made one after the other; each stays where it was put.</summary>
internal sealed class LineBuffer
{
    // Below what the runtime calls a large object, which it would clear and collect with everything else.
    private const int ChunkBytes = 64 << 10;

    private byte[] _chunk = [];
    private int _used;

    /// <summary>The line of a record.</summary>
    internal ReadOnlyMemory<byte> Add(TaskRecord record)
    {
        if (record.Line is { } line)
            return line;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (LineWriter.TryWritePlain(record.Upid, record.StartTime, record.Status, record.EndTime, _chunk.AsSpan(_used), out int length))
            {
                _used += length;
                return _chunk.AsMemory(_used - length, length);
            }

            // Too little room left, perhaps; a line that does not fit into a whole chunk is not a plain one.
            if (_used == 0 && _chunk.Length > 0)
                break;
            _chunk = new byte[ChunkBytes];
            _used = 0;
        }

        return record.ToLine();
    }
}
