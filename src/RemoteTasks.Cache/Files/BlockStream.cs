using RemoteTasks.Cache.Disk;
using ZstdSharp;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// The lines of a block-compressed archive as one stream. A block that cannot be decoded is passed over and reported: blocks
/// hold whole lines, so what follows it is read as if it were not there.
/// </summary>
internal sealed class BlockStream : Stream
{
    private readonly IDiskFile _file;
    private readonly SeekTable _table;
    private readonly Action<string> _reportDamage;
    private Decompressor? _decompressor;
    private byte[] _compressed = [];
    private byte[] _decoded = [];
    private int _decodedLength;
    private int _decodedUsed;

    internal BlockStream(IDiskFile file, SeekTable table, Action<string> reportDamage)
    {
        _file = file;
        _table = table;
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
    internal ReadOnlyMemory<byte>? Decode(int index, ref byte[] buffer)
    {
        Block block = _table[index];
        if (_compressed.Length < block.Compressed)
            _compressed = new byte[Math.Max(block.Compressed, 2 * _compressed.Length)];
        Span<byte> source = _compressed.AsSpan(0, block.Compressed);
        return _file.Read(block.Offset, source) < source.Length ? null : Decode(_decompressor ??= new Decompressor(), source, ref buffer);
    }

    /// <summary>Decodes the bytes of a block; null when it is damaged.</summary>
    internal static ReadOnlyMemory<byte>? Decode(Decompressor decompressor, ReadOnlySpan<byte> frame, ref byte[] buffer)
    {
        try
        {
            // The frame knows its size better than the table, which has no checksum.
            ulong size = Decompressor.GetDecompressedSize(frame);
            if (size is 0 or > Limits.BlockBytesReadMax)
                return null;
            if (buffer.Length < (int)size)
                buffer = new byte[Math.Max((int)size, 2 * buffer.Length)];
            int length = decompressor.Unwrap(frame, buffer.AsSpan(0, (int)size));
            if (length == 0 || buffer[length - 1] != (byte)'\n')
                return null;
            return buffer.AsMemory(0, length);
        }
        catch (ZstdException)
        {
            return null;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        while (_decodedUsed == _decodedLength)
        {
            if (NextBlock == _table.Count)
                return 0;
            ReadOnlyMemory<byte>? decoded = Decode(NextBlock, ref _decoded);
            if (decoded is null)
                _reportDamage($"block {NextBlock} of {_table.Count} cannot be decoded");
            NextBlock++;
            _decodedUsed = 0;
            _decodedLength = decoded?.Length ?? 0;
        }

        int count = Math.Min(buffer.Length, _decodedLength - _decodedUsed);
        _decoded.AsSpan(_decodedUsed, count).CopyTo(buffer);
        _decodedUsed += count;
        return count;
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
            _decompressor?.Dispose();
        base.Dispose(disposing);
    }
}
