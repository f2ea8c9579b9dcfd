using System.Buffers;
using System.IO.Hashing;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using ZstdSharp;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Reads the blocks of an archive from the first to the last, each once, in large pieces, and sums up all bytes of the file on the way: at the
/// end it is known whether they are those that the index was made of.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    private const int PieceBytes = 512 << 10;

    private readonly ArchiveIndex _archive;
    private readonly SeekTable _table;
    private readonly XxHash128 _digest = new();
    private Decompressor? _decompressor;
    private byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private readonly DecodedBlock _lines = new();
    private long _pieceOffset;
    private int _pieceLength;
    private int _decodedBlock = -1;
    private DecodedBlock? _decoded;

    /// <param name="archive">The archive, with blocks.</param>
    internal FrameReader(ArchiveIndex archive)
    {
        _archive = archive;
        _table = archive.Table!;
    }

    /// <summary>The bytes of a block, valid until a later one is read; empty when the file ends before it. Ask in ascending order.</summary>
    internal ReadOnlySpan<byte> Frame(int block)
    {
        (long offset, int length, _) = _table[block];
        while (offset + length > _pieceOffset + _pieceLength)
        {
            if (!ReadOn(offset, length))
                return default;
        }

        return _piece.AsSpan((int)(offset - _pieceOffset), length);
    }

    /// <summary>The lines of a block, valid until another one is decoded; null when it cannot be decoded.</summary>
    internal DecodedBlock? Decode(int block)
    {
        if (block == _decodedBlock)
            return _decoded;
        _decodedBlock = block;
        ReadOnlySpan<byte> frame = Frame(block);
        return _decoded = !frame.IsEmpty && _lines.TryFill(_decompressor ??= new Decompressor(), frame) ? _lines : null;
    }

    /// <summary>Reads what is left; whether the whole file is what its index was made of.</summary>
    internal bool IsWhole()
    {
        while (ReadOn(_pieceOffset + _pieceLength, 1))
        {
        }

        return _pieceOffset + _pieceLength == _archive.Length && _digest.GetCurrentHashAsUInt128() == _archive.Digest;
    }

    public void Dispose()
    {
        _decompressor?.Dispose();
        Lent.Return(ref _piece);
    }

    /// <summary>Reads the next piece of the file; of the one before only what a block needs that begins in it is kept.</summary>
    private bool ReadOn(long needed, int length)
    {
        int kept = (int)Math.Max(0, _pieceOffset + _pieceLength - needed);
        _piece.AsSpan(_pieceLength - kept, kept).CopyTo(_piece);
        Lent.Grow(ref _piece, kept, kept + length);
        _pieceOffset += _pieceLength - kept;
        int read = _archive.File.Read(_pieceOffset + kept, _piece.AsSpan(kept));
        _digest.Append(_piece.AsSpan(kept, read));
        _pieceLength = kept + read;
        return read > 0;
    }
}
