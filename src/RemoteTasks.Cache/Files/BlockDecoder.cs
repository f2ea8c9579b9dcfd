using System.Collections.Concurrent;
using RemoteTasks.Cache.Disk;
using ZstdSharp;

namespace RemoteTasks.Cache.Files;

/// <summary>Reads and decodes blocks of any archive, one at a time. Takes some hundred KiB from the first one on.</summary>
internal sealed class BlockDecoder : IDisposable
{
    private Decompressor? _decompressor;
    private byte[] _compressed = [];

    /// <summary>Decodes a block into a buffer, which grows as needed; null when the block is damaged.</summary>
    internal ReadOnlyMemory<byte>? Decode(IDiskFile file, Block block, ref byte[] buffer)
    {
        if (_compressed.Length < block.Compressed)
            _compressed = new byte[Math.Max(block.Compressed, 2 * _compressed.Length)];
        Span<byte> source = _compressed.AsSpan(0, block.Compressed);
        return file.Read(block.Offset, source) < source.Length ? null : Decode(_decompressor ??= new Decompressor(), source, ref buffer);
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

    public void Dispose() => _decompressor?.Dispose();
}

/// <summary>
/// Decoders, each used again by whichever archive is asked next: archives are as many as there is history, and a few at a time are decoded. Safe to
/// use from several threads.
/// </summary>
internal sealed class BlockDecoders
{
    private readonly ConcurrentBag<BlockDecoder> _idle = [];

    /// <summary>As many as were ever in use at once, when nobody decodes.</summary>
    internal int Idle => _idle.Count;

    /// <summary>Decodes a block into a buffer, which grows as needed; null when the block is damaged.</summary>
    internal ReadOnlyMemory<byte>? Decode(IDiskFile file, Block block, ref byte[] buffer)
    {
        if (!_idle.TryTake(out BlockDecoder? decoder))
            decoder = new BlockDecoder();
        try
        {
            return decoder.Decode(file, block, ref buffer);
        }
        finally
        {
            _idle.Add(decoder);
        }
    }
}
