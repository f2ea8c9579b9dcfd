using System.Buffers.Binary;
using System.IO.Hashing;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// <c>archive.&lt;epoch&gt;.idx</c>: the columns of an archive and its blocks. Little-endian throughout; do not change, raise the version.
/// <code>
/// header, 64 bytes: "RTIX" u32 version u32 rows u32 blocks | archive length u64 | archive digest u128 (XXH128 of its bytes)
///                   | XXH3 of all sections' heads u64 | XXH3 of the bytes before u64
/// section heads, 24 bytes each, 17 of them: offset u64 | length u64 | XXH3 u64
///   0-9   columns, by TaskColumn: one number a row, 1 to 4 bytes wide (the width is length / rows)
///   10-15 dictionaries of Node, Type, User, WorkerId, Status, Process: { length u32, bytes } per value
///   16    blocks: the first row of each, u32
/// </code>
/// An index is a cache: it is used when its archive has exactly the length and digest in it and its own sums are right, else made anew.
/// It is not synced; a crash leaves at worst one that does not fit.
/// </summary>
internal static class IndexFile
{
    internal const string Suffix = ".idx";

    private const uint Magic = 0x58495452;
    private const uint Version = 2;
    private const int HeaderBytes = 64;
    private const int HeadBytes = 24;
    private const int SectionCount = TaskColumns.Count + 6 + 1;
    private const int HeadsBytes = SectionCount * HeadBytes;

    /// <summary>The name beside an archive's: without the ending of compression.</summary>
    internal static string NameOf(long epoch) => $"archive.{epoch}{Suffix}";

    /// <summary>Whether a file is an index, and of which archive.</summary>
    internal static bool IsName(string name, out long epoch)
    {
        epoch = 0;
        return name.EndsWith(Suffix, StringComparison.Ordinal) && ArchiveName.TryParse(name[..^Suffix.Length], out ArchiveName archive)
            && !archive.Compressed && (epoch = archive.Epoch) >= 0;
    }

    /// <summary>Writes an index to a file.</summary>
    internal static void Write(IndexData index, long archiveLength, UInt128 archiveDigest, AtomicFile file)
    {
        var sections = new List<byte[]>();
        sections.AddRange(index.Columns.Select(column => column.Bytes));
        sections.AddRange(TaskColumns.Coded.Select(column => index.Dictionaries[(int)column].ToBytes()));
        sections.Add(ColumnData.From(index.BlockRows, 4).Bytes);

        byte[] start = new byte[HeaderBytes + HeadsBytes];
        long offset = start.Length;
        for (int i = 0; i < sections.Count; i++)
        {
            Span<byte> head = start.AsSpan(HeaderBytes + (i * HeadBytes));
            BinaryPrimitives.WriteInt64LittleEndian(head, offset);
            BinaryPrimitives.WriteInt64LittleEndian(head[8..], sections[i].Length);
            BinaryPrimitives.WriteUInt64LittleEndian(head[16..], XxHash3.HashToUInt64(sections[i]));
            offset += sections[i].Length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(start, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(8), index.Rows);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(12), index.BlockRows.Length);
        BinaryPrimitives.WriteInt64LittleEndian(start.AsSpan(16), archiveLength);
        BinaryPrimitives.WriteUInt128LittleEndian(start.AsSpan(24), archiveDigest);
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(40), XxHash3.HashToUInt64(start.AsSpan(HeaderBytes)));
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(48), XxHash3.HashToUInt64(start.AsSpan(0, 48)));
        file.Append(start);
        foreach (byte[] section in sections)
            file.Append(section);
    }

    /// <summary>Opens an index if it is that of the archive; null when anything about it is not as it should be. The file stays its opener's.</summary>
    internal static IndexSections? TryOpen(IDiskFile file, long archiveLength, Func<UInt128> archiveDigest)
    {
        byte[] start = new byte[HeaderBytes + HeadsBytes];
        if (file.Read(0, start) != start.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(start) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(4)) != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(start.AsSpan(48)) != XxHash3.HashToUInt64(start.AsSpan(0, 48))
            || BinaryPrimitives.ReadUInt64LittleEndian(start.AsSpan(40)) != XxHash3.HashToUInt64(start.AsSpan(HeaderBytes))
            || BinaryPrimitives.ReadInt64LittleEndian(start.AsSpan(16)) != archiveLength
            || BinaryPrimitives.ReadUInt128LittleEndian(start.AsSpan(24)) != archiveDigest())
            return null;
        return new IndexSections(
            file,
            start.AsMemory(HeaderBytes),
            BinaryPrimitives.ReadUInt128LittleEndian(start.AsSpan(24)),
            BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(8)),
            BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(12)));
    }

    /// <summary>The sections of an open index file, each verified when it is read.</summary>
    internal sealed class IndexSections(IDiskFile file, ReadOnlyMemory<byte> heads, UInt128 archiveDigest, int rows, int blocks)
    {
        internal UInt128 ArchiveDigest => archiveDigest;

        internal int Rows => rows;

        /// <summary>A column; null when it is not what was written.</summary>
        internal ColumnData? Column(TaskColumn column)
        {
            if (Read((int)column) is not { } bytes)
                return null;
            int width = rows == 0 ? 1 : bytes.Length / rows;
            return width is >= 1 and <= 4 && (long)width * rows == bytes.Length ? new ColumnData(bytes, width) : null;
        }

        /// <summary>A column's dictionary, empty where it has none; null when it is not what was written.</summary>
        internal IndexDictionary? Dictionary(TaskColumn column)
        {
            int place = Array.IndexOf(TaskColumns.Coded, column);
            if (place < 0)
                return new IndexDictionary();
            return Read(TaskColumns.Count + place) is { } bytes ? IndexDictionary.FromBytes(bytes) : null;
        }

        /// <summary>The first row of each block; null when it is not what was written.</summary>
        internal int[]? BlockRows()
        {
            if (Read(SectionCount - 1) is not { } bytes || bytes.Length != 4L * blocks)
                return null;
            int[] firstRows = new int[blocks];
            Buffer.BlockCopy(bytes, 0, firstRows, 0, bytes.Length);
            return firstRows;
        }

        private byte[]? Read(int section)
        {
            ReadOnlySpan<byte> head = heads.Span[(section * HeadBytes)..];
            long offset = BinaryPrimitives.ReadInt64LittleEndian(head);
            long length = BinaryPrimitives.ReadInt64LittleEndian(head[8..]);
            if (offset < 0 || length < 0 || length > file.Length - offset)
                return null;
            byte[] bytes = new byte[length];
            return file.Read(offset, bytes) == bytes.Length && XxHash3.HashToUInt64(bytes) == BinaryPrimitives.ReadUInt64LittleEndian(head[16..]) ? bytes : null;
        }
    }
}
