namespace RemoteTasks.Cache.Files;

/// <summary>Finds a start time in a sorted file without reading it all. Only ever goes forward, and only when it is sure.</summary>
internal abstract class ArchiveSeeker
{
    private readonly LineParser _parser = new();

    /// <summary>
    /// Moves the stream to a line at or before the first one that did not begin after <paramref name="start"/>; false when that
    /// would not be further than where the reader is, or when what lies between cannot be read (then reading on line by line finds out).
    /// </summary>
    internal abstract bool TryFind(long start, long offset, out long found);

    private protected bool TryStartTime(ReadOnlyMemory<byte> line, out long start)
    {
        bool isGood = _parser.TryParse(line, out TaskLine parsed, out _);
        start = parsed.StartTime;
        return isGood;
    }
}

/// <summary>By halving the bytes of a plain file.</summary>
internal sealed class PlainSeeker(DiskStream content) : ArchiveSeeker
{
    // Nearer than this it is cheaper to read on.
    private const int NearBytes = 16 << 10;
    private const int ProbeBytes = 4 << 10;

    internal override bool TryFind(long start, long offset, out long found)
    {
        found = offset;
        long low = offset;
        long high = content.Length;
        long readOnAt = content.Position;
        while (high - low > NearBytes)
        {
            long middle = (low + high) / 2;
            if (!TryReadProbe(middle, out long probed, out long line))
            {
                content.Position = readOnAt;
                return false;
            }

            if (probed > start && line < high)
                low = line;
            else
                high = middle;
        }

        if (low == offset)
        {
            content.Position = readOnAt;
            return false;
        }

        found = low;
        content.Position = low;
        return true;
    }

    private bool TryReadProbe(long offset, out long start, out long lineOffset)
    {
        try
        {
            return TryProbe(offset, out start, out lineOffset);
        }
        catch (IOException)
        {
            start = lineOffset = 0;
            return false;
        }
    }

    /// <summary>The first whole line behind an offset.</summary>
    private bool TryProbe(long offset, out long start, out long lineOffset)
    {
        content.Position = offset;
        var lines = new LineReader(content, static () => { }, ProbeBytes);
        start = 0;
        lineOffset = 0;
        if (!lines.TryRead(out _))
            return false;
        lineOffset = offset + lines.Offset;
        if (lines.TryRead(out ReadOnlyMemory<byte> line))
            return TryStartTime(line, out start);

        // Nothing follows: the wanted place lies before.
        start = long.MinValue;
        return true;
    }
}

/// <summary>By halving the blocks of a compressed file.</summary>
internal sealed class BlockSeeker(BlockStream content) : ArchiveSeeker
{
    private readonly long?[] _firstStarts = new long?[content.BlockCount];
    private byte[] _buffer = [];

    internal override bool TryFind(long start, long offset, out long found)
    {
        found = 0;
        int low = content.NextBlock;
        int high = content.BlockCount;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (FirstStart(middle) is not { } first)
                return false;
            if (first > start)
                low = middle + 1;
            else
                high = middle;
        }

        // The block before the first one that begins late enough may hold the wanted line.
        int block = low - 1;
        if (block < content.NextBlock)
            return false;
        content.MoveTo(block);
        return true;
    }

    private long? FirstStart(int block)
    {
        if (_firstStarts[block] is { } known)
            return known;
        if (TryDecode(block) is not { } decoded || !TryStartTime(decoded[..decoded.Span.IndexOf((byte)'\n')], out long start))
            return null;
        _firstStarts[block] = start;
        return start;
    }

    private ReadOnlyMemory<byte>? TryDecode(int block)
    {
        try
        {
            return content.Decode(block, ref _buffer);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
