using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// One archive, open for querying: its columns, and the way from a row to its line. Shared by all snapshots that have this file; closed
/// when the last one lets go.
/// </summary>
internal sealed class ArchiveIndex
{
    private readonly IDiskFile _file;
    private readonly IDiskFile? _indexFile;
    private readonly ByteCache<BlockKey, DecodedBlock> _blocks;
    private readonly SeekTable? _table;
    private readonly int[] _blockRows;
    private readonly Lock _decoding = new();
    private readonly BlockStream? _decoder;
    private readonly FileStamp _stamp;
    private int _users = 1;

    internal ArchiveIndex(
        ArchiveName name, IDiskFile file, IDiskFile? indexFile, ArchiveColumns columns, SeekTable? table, int[] blockRows, IReadOnlyList<Damage> damage, ByteCache<BlockKey, DecodedBlock> blocks)
    {
        Name = name;
        _file = file;
        _indexFile = indexFile;
        Columns = columns;
        _table = table;
        _blockRows = blockRows;
        _blocks = blocks;
        Damage = damage;
        Length = file.Length;
        _stamp = file.Stamp;
        _decoder = table is null ? null : new BlockStream(file, table, static _ => { });
    }

    internal ArchiveName Name { get; }

    internal long Length { get; }

    internal ArchiveColumns Columns { get; }

    internal int Rows => Columns.Rows;

    /// <summary>What could not be read of the file when it was indexed.</summary>
    internal IReadOnlyList<Damage> Damage { get; }

    internal IDiskFile File => _file;

    /// <summary>The index when it was made from the archive, and could stand beside it; null when it came from there, or the archive has no blocks.</summary>
    internal IndexData? Made { get; init; }

    /// <summary>The XXH128 of the file as it was when it was written; null when it has no index of its own.</summary>
    internal UInt128? Digest { get; init; }

    /// <summary>Where the blocks lie; null when there are none.</summary>
    internal SeekTable? Table => _table;

    /// <summary>The rows of a block: the first, and the first behind it.</summary>
    internal (int From, int To) RowsOf(int block) => (_blockRows[block], block + 1 < _blockRows.Length ? _blockRows[block + 1] : Rows);

    /// <summary>The block of a row.</summary>
    internal int BlockOf(int row)
    {
        int block = Array.BinarySearch(_blockRows, row);
        return block < 0 ? ~block - 1 : block;
    }

    /// <summary>Whether rows are found by their block; otherwise the file is read from its beginning.</summary>
    internal bool HasBlocks => _table is not null;

    /// <summary>Whether an opened file is the one that was indexed, unchanged.</summary>
    internal bool IsStill(IDiskFile file) => file.Stamp == _stamp;

    /// <summary>Whether the open file has not been written to since it was indexed.</summary>
    internal bool IsUnchanged => _file.Stamp == _stamp;

    internal void AddUser() => Interlocked.Increment(ref _users);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _decoder?.Dispose();
        _file.Dispose();
        _indexFile?.Dispose();
        _blocks.RemoveWhere(key => key.Archive == this);
    }

    /// <summary>The line of a row, in memory that stays valid; null when its block can no longer be read.</summary>
    internal ReadOnlyMemory<byte>? LineOf(int row)
    {
        int block = BlockOf(row);
        DecodedBlock? decoded = Decode(block);
        int line = row - _blockRows[block];
        return decoded is not null && line < decoded.Lines ? decoded[line] : null;
    }

    private DecodedBlock? Decode(int block)
    {
        var key = new BlockKey(this, block);
        if (_blocks.Find(key) is { } known)
            return known;
        DecodedBlock decoded;
        lock (_decoding)
        {
            // A buffer of its own: the lines are kept.
            byte[] buffer = [];
            if (_decoder!.Decode(block, ref buffer) is not { } bytes)
                return null;
            decoded = new DecodedBlock(bytes);
        }

        _blocks.Add(key, decoded, decoded.Bytes);
        return decoded;
    }
}

/// <summary>A block of an open archive.</summary>
internal readonly record struct BlockKey(ArchiveIndex Archive, int Block);

/// <summary>The lines of a block.</summary>
internal sealed class DecodedBlock
{
    private readonly ReadOnlyMemory<byte> _content;
    private readonly int[] _ends;

    internal DecodedBlock(ReadOnlyMemory<byte> content)
    {
        _content = content;
        var ends = new List<int>(Limits.BlockLinesMax);
        ReadOnlySpan<byte> rest = content.Span;
        for (int at = 0; rest[at..].IndexOf((byte)'\n') is >= 0 and var newline; at += newline + 1)
            ends.Add(at + newline);
        _ends = [.. ends];
    }

    internal int Lines => _ends.Length;

    /// <summary>Bytes up to and with the newline of a line; 0 for none.</summary>
    internal int EndOf(int lines) => lines == 0 ? 0 : _ends[lines - 1] + 1;

    internal ReadOnlyMemory<byte> Content => _content;

    internal long Bytes => _content.Length + (4L * _ends.Length) + 100;

    internal ReadOnlyMemory<byte> this[int line]
    {
        get
        {
            int start = line == 0 ? 0 : _ends[line - 1] + 1;
            return _content[start.._ends[line]];
        }
    }
}
