namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>
/// Lines in order: archives one after the other (or one alone), read lazily, newest first, and the sorted lines in memory zipped in between.
/// </summary>
internal sealed class ScanMerge(ScanFiles files, ScanLine[] memory, int? only = null) : IDisposable
{
    private readonly int _end = only + 1 ?? files.Epochs.Length;
    private readonly ScanParser _parser = new();
    private LineStream? _file;
    private ScanLine _stored;
    private bool _hasStored;
    private bool _isStarted;
    private bool _isFromFile;
    private int _next = only ?? 0;
    private int _memoryIndex;

    internal ScanLine Current { get; private set; }

    internal bool MoveNext()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _hasStored = NextStored();
        }
        else if (_isFromFile)
        {
            _hasStored = NextStored();
        }

        bool hasMemory = _memoryIndex < memory.Length;
        if (!_hasStored && !hasMemory)
            return false;
        int order = !hasMemory ? -1 : !_hasStored ? 1 : ScanLine.Compare(_stored, memory[_memoryIndex]);

        // The journal's version speaks.
        if (order == 0)
            _hasStored = NextStored();
        _isFromFile = order < 0;
        Current = _isFromFile ? _stored : memory[_memoryIndex++];
        return true;
    }

    public void Dispose() => _file?.Dispose();

    private bool NextStored()
    {
        while (true)
        {
            if (_file is not null && _file.TryRead(out ReadOnlyMemory<byte> line))
            {
                _stored = _parser.Parse(line);
                return true;
            }

            _file?.Dispose();
            _file = null;
            if (_next == _end)
                return false;
            _file = new LineStream(files.Open(_next++));
        }
    }
}
