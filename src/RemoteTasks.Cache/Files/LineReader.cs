namespace RemoteTasks.Cache.Files;

/// <summary>
/// Cuts a stream into lines without copying them. A line is valid until the buffer is filled again, which
/// <paramref name="beforeFill"/> announces to whoever still holds one.
/// </summary>
internal sealed class LineReader(Stream content, Action beforeFill, int bufferBytes = Limits.ReadBytes)
{
    private byte[] _buffer = new byte[bufferBytes];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>Bytes of the stream up to the end of the last line given out, its newline included.</summary>
    internal long Offset { get; private set; }

    /// <summary>False for the last line of a file that ends without a newline.</summary>
    internal bool IsTerminated { get; private set; }

    /// <summary>The next line without its newline; false at the end. A line that is too long is given out cut.</summary>
    internal bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = Take(searched + newline, 1);
                return true;
            }

            searched = _end - _start;
            if (searched > Limits.LineBytesMax + LineSeal.LastBytes)
            {
                line = Take(searched, 0);
                SkipToNewline();
                return true;
            }

            if (_atEnd)
            {
                line = Take(searched, 0);
                return !line.IsEmpty;
            }

            Fill();
        }
    }

    /// <summary>Forgets what was read ahead, after the stream was moved.</summary>
    internal void Reset(long offset)
    {
        _start = _end = 0;
        _atEnd = false;
        Offset = offset;
    }

    private ReadOnlyMemory<byte> Take(int length, int newline)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += length + newline;
        Offset += length + newline;
        IsTerminated = newline > 0;
        return line;
    }

    private void Fill()
    {
        beforeFill();
        int kept = _end - _start;
        if (kept == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        if (_start > 0)
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        _start = 0;
        _end = kept;
        int read = content.Read(_buffer.AsSpan(kept));
        _end += read;
        _atEnd = read == 0;
    }

    /// <summary>Passes over the rest of a line that is too long, in a small buffer: such a line is damage, not a reason to fill memory.</summary>
    private void SkipToNewline()
    {
        Span<byte> rest = stackalloc byte[4096];
        byte[] carried = [];
        while (true)
        {
            int read = content.Read(rest);
            if (read == 0)
            {
                _atEnd = true;
                return;
            }

            int newline = rest[..read].IndexOf((byte)'\n');
            Offset += newline < 0 ? read : newline + 1;
            if (newline < 0)
                continue;
            carried = rest[(newline + 1)..read].ToArray();
            break;
        }

        // The line that was given out still lies in the buffer: what follows it starts in a new one.
        _buffer = new byte[Limits.ReadBytes];
        carried.CopyTo(_buffer, 0);
        _start = 0;
        _end = carried.Length;
    }
}
