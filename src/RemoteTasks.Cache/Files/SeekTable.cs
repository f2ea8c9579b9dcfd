using System.Buffers.Binary;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// The table at the end of a compressed archive that says where its zstd frames lie: the zstd seekable format, which every
/// zstd reader passes over because it is a skippable frame. Little-endian throughout. Do not change.
/// <code>
/// 184D2A5E  u32  skippable frame
/// size      u32  of what follows
/// { compressed u32, decompressed u32 }  per frame, the head (12, 0) among them
/// frames    u32
/// 00        u8   no checksums here: each frame has its own
/// 8F92EAB1  u32  seekable format
/// </code>
/// What is written here begins with a head, a skippable frame too: <c>184D2A5D u32, 4 u32, "RTB1"</c>. Frames are whole by themselves, so a file that was
/// cut between two of them would pass for a shorter one; what has the head and no table has lost its end.
/// </summary>
internal sealed class SeekTable
{
    private const uint SkippableMagic = 0x184D2A5E;
    private const uint SeekableMagic = 0x8F92EAB1;
    private const int HeaderBytes = 8;
    private const int FooterBytes = 9;
    private const int EntryBytes = 8;

    private readonly List<Block> _blocks = [];
    private bool _hasHead;
    private long _end;

    /// <summary>What a file begins with that ends with a table.</summary>
    internal static ReadOnlySpan<byte> Head => [0x5D, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, (byte)'R', (byte)'T', (byte)'B', (byte)'1'];

    internal int Count => _blocks.Count;

    internal Block this[int index] => _blocks[index];

    /// <summary>The frames come behind the head.</summary>
    internal void AddHead()
    {
        _hasHead = true;
        _end = Head.Length;
    }

    internal void Add(int compressed, int decompressed)
    {
        _blocks.Add(new Block(_end, compressed, decompressed));
        _end += compressed;
    }

    internal byte[] ToBytes()
    {
        int heads = _hasHead ? 1 : 0;
        int count = heads + _blocks.Count;
        byte[] bytes = new byte[HeaderBytes + (count * EntryBytes) + FooterBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, SkippableMagic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - HeaderBytes);
        if (_hasHead)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeaderBytes), Head.Length);
        for (int i = 0; i < _blocks.Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(HeaderBytes + ((heads + i) * EntryBytes));
            BinaryPrimitives.WriteInt32LittleEndian(entry, _blocks[i].Compressed);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], _blocks[i].Decompressed);
        }

        Span<byte> footer = bytes.AsSpan(bytes.Length - FooterBytes);
        BinaryPrimitives.WriteInt32LittleEndian(footer, count);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[5..], SeekableMagic);
        return bytes;
    }

    /// <summary>Whether a file begins as those do that end with a table.</summary>
    internal static bool HasHead(IDiskFile file)
    {
        Span<byte> start = stackalloc byte[Head.Length];
        return file.Read(0, start) == start.Length && start.SequenceEqual(Head);
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
            if (i == 0 && decompressed == 0 && compressed == Head.Length)
            {
                table.AddHead();
                continue;
            }

            if (compressed is <= 0 or > Limits.BlockBytesReadMax || decompressed is <= 0 or > Limits.BlockBytesReadMax)
                return null;
            table.Add(compressed, decompressed);
        }

        return table._end == start ? table : null;
    }
}

/// <summary>One zstd frame: where it begins, its bytes in the file, and its bytes when decoded.</summary>
internal readonly record struct Block(long Offset, int Compressed, int Decompressed);
