using System.Buffers.Binary;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// The table at the end of a compressed archive that says where its zstd frames lie: the zstd seekable format, which every
/// zstd reader passes over because it is a skippable frame. Little-endian throughout. Do not change.
/// <code>
/// 184D2A5E  u32  skippable frame
/// size      u32  of what follows
/// { compressed u32, decompressed u32 }  per frame
/// frames    u32
/// 00        u8   no checksums here: each frame has its own
/// 8F92EAB1  u32  seekable format
/// </code>
/// </summary>
internal sealed class SeekTable
{
    private const uint SkippableMagic = 0x184D2A5E;
    private const uint SeekableMagic = 0x8F92EAB1;
    private const int HeaderBytes = 8;
    private const int FooterBytes = 9;
    private const int EntryBytes = 8;

    private readonly List<Block> _blocks = [];
    private long _end;

    internal int Count => _blocks.Count;

    internal Block this[int index] => _blocks[index];

    internal void Add(int compressed, int decompressed)
    {
        _blocks.Add(new Block(_end, compressed, decompressed));
        _end += compressed;
    }

    internal byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderBytes + (_blocks.Count * EntryBytes) + FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, SkippableMagic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - HeaderBytes);
        for (int i = 0; i < _blocks.Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            BinaryPrimitives.WriteInt32LittleEndian(entry, _blocks[i].Compressed);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], _blocks[i].Decompressed);
        }

        Span<byte> footer = bytes.AsSpan(bytes.Length - FooterBytes);
        BinaryPrimitives.WriteInt32LittleEndian(footer, _blocks.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[5..], SeekableMagic);
        return bytes;
    }

    /// <summary>Reads the table of a file; null when it has none, or one that does not fit the file in every detail.</summary>
    internal static SeekTable? TryRead(IDiskFile file, long length)
    {
        Span<byte> footer = stackalloc byte[FooterBytes];
        if (length < HeaderBytes + FooterBytes || file.Read(length - FooterBytes, footer) != FooterBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]) != SeekableMagic || footer[4] != 0)
            return null;

        long count = BinaryPrimitives.ReadUInt32LittleEndian(footer);
        long start = length - FooterBytes - (count * EntryBytes) - HeaderBytes;
        if (start < 0 || length - start > Array.MaxLength)
            return null;
        byte[] bytes = new byte[length - start];
        if (file.Read(start, bytes) != bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != SkippableMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != bytes.Length - HeaderBytes)
            return null;

        var table = new SeekTable();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            int compressed = BinaryPrimitives.ReadInt32LittleEndian(entry);
            int decompressed = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]);
            if (compressed is <= 0 or > Limits.BlockBytesReadMax || decompressed is <= 0 or > Limits.BlockBytesReadMax)
                return null;
            table.Add(compressed, decompressed);
        }

        return table._end == start ? table : null;
    }
}

/// <summary>One zstd frame: where it begins, its bytes in the file, and its bytes when decoded.</summary>
internal readonly record struct Block(long Offset, int Compressed, int Decompressed);
