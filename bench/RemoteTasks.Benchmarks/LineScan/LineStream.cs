namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>A stream line by line through one buffer, which grows only for a line longer than it.</summary>
internal sealed class LineStream(Stream stream) : IDisposable
{
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;

    internal bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _buffer.AsMemory(_start, searched + at);
                _start += searched + at + 1;
                return true;
            }

            searched = _end - _start;
            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
