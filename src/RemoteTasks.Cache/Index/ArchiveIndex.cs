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
        int block = Array.BinarySearch(_blockRows, row);
        if (block < 0)
            block = ~block - 1;
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
