using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// The lines of a block-compressed archive as one stream. A block that cannot be decoded is passed over and reported: blocks
/// hold whole lines, so what follows it is read as if it were not there.
/// </summary>
internal sealed class BlockStream : Stream
{
    private readonly IDiskFile _file;
    private readonly SeekTable _table;
    private readonly bool _isToBeReplaced;
    private readonly Action<string, IOException?> _reportDamage;
    private readonly BlockDecoder _decoder = new();
    private byte[] _decoded = [];
    private int _decodedLength;
    private int _decodedUsed;

    /// <param name="file">The archive.</param>
    /// <param name="table">Where its blocks lie.</param>
    /// <param name="isToBeReplaced">Whether an error of the disk is thrown; otherwise it costs its block.</param>
    /// <param name="reportDamage">Told of each block that is passed over, and of the error of the disk if that was it.</param>
    internal BlockStream(IDiskFile file, SeekTable table, bool isToBeReplaced, Action<string, IOException?> reportDamage)
    {
        _file = file;
        _table = table;
        _isToBeReplaced = isToBeReplaced;
        _reportDamage = reportDamage;
    }

    /// <summary>The block that is decoded next.</summary>
    internal int NextBlock { get; private set; }

    internal int BlockCount => _table.Count;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Goes on with the first line of a block.</summary>
    internal void MoveTo(int block)
    {
        NextBlock = block;
        _decodedLength = _decodedUsed = 0;
    }

    /// <summary>Decodes a block into a buffer, which grows as needed; null when the block is damaged.</summary>
    internal ReadOnlyMemory<byte>? Decode(int block, ref byte[] buffer) => _decoder.Decode(_file, _table[block], ref buffer);

    public override int Read(Span<byte> buffer)
    {
        while (_decodedUsed == _decodedLength)
        {
            if (NextBlock == _table.Count)
                return 0;
            ReadOnlyMemory<byte>? decoded = DecodeNext();
            NextBlock++;
            _decodedUsed = 0;
            _decodedLength = decoded?.Length ?? 0;
        }

        int count = Math.Min(buffer.Length, _decodedLength - _decodedUsed);
        _decoded.AsSpan(_decodedUsed, count).CopyTo(buffer);
        _decodedUsed += count;
        return count;
    }

    private ReadOnlyMemory<byte>? DecodeNext()
    {
        try
        {
            ReadOnlyMemory<byte>? decoded = Decode(NextBlock, ref _decoded);
            if (decoded is null)
                _reportDamage($"block {NextBlock} of {_table.Count} cannot be decoded", null);
            return decoded;
        }
        catch (IOException error) when (!_isToBeReplaced)
        {
            _reportDamage($"block {NextBlock} of {_table.Count} cannot be read: {DiskErrors.Cause(error)}", error);
            return null;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _decoder.Dispose();
        base.Dispose(disposing);
    }
}
