using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// One archive, open for querying: its columns, and the way from a row to its line. Shared by all snapshots that have this file; closed
/// when the last one lets go.
/// </summary>
internal sealed class ArchiveIndex
{
    // A disk that tries to read a bad sector may take its time.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    private readonly IDiskFile _file;
    private readonly IDiskFile? _indexFile;
    private readonly ByteCache<BlockKey, DecodedBlock> _blocks;
    private readonly SeekTable? _table;
    private readonly int[] _blockRows;
    private readonly BlockDecoders _decoders;
    private readonly FileStamp _stamp;
    private int _users = 1;
    private bool _hasGoneBad;
    private long _lookedAgain;
    private long _unreadAt;

    internal ArchiveIndex(
        ArchiveName name, IDiskFile file, IDiskFile? indexFile, ArchiveColumns columns, SeekTable? table, int[] blockRows, IReadOnlyList<Damage> damage, ByteCache<BlockKey, DecodedBlock> blocks, BlockDecoders decoders)
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
        _decoders = decoders;
    }

    internal ArchiveName Name { get; }

    internal long Length { get; }

    internal ArchiveColumns Columns { get; }

    internal int Rows => Columns.Rows;

    /// <summary>What could not be read of the file when it was indexed.</summary>
    internal IReadOnlyList<Damage> Damage { get; }

    internal IDiskFile File => _file;

    /// <summary>The index when it was made from the archive, and could stand beside it; null when it came from there, or the archive has no blocks.</summary>
    internal MadeIndex? Made { get; init; }

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

    /// <summary>Whether a file is the one that was indexed, unchanged.</summary>
    internal bool IsStill(FileStamp file) => file == _stamp;

    /// <summary>Whether the open file has not been written to since it was indexed.</summary>
    internal bool IsUnchanged => _file.Stamp == _stamp;

    /// <summary>Whether something of it turned out not to be what was indexed. Whoever opens it next reads all of it.</summary>
    internal bool HasGoneBad => _hasGoneBad || Columns.HasGoneBad || IsReadableAgain;

    /// <summary>Whether the disk did not give some of the file when it was indexed: what is damage now may be none later.</summary>
    internal bool HasUnread { get; init; }

    private bool IsReadableAgain
    {
        get
        {
            if (!HasUnread || (_lookedAgain != 0 && TimeProvider.System.GetElapsedTime(_lookedAgain) < BetweenLooks))
                return false;
            long? unread = SalvageFile.FirstUnreadable(_file, _unreadAt);
            if (unread is { } at)
                _unreadAt = at;
            else
                _hasGoneBad = true;
            _lookedAgain = TimeProvider.System.GetTimestamp();
            return unread is null;
        }
    }

    /// <summary>A row is not what was indexed: answers that were begun must not be given.</summary>
    internal CacheException GoneBad(int row)
    {
        _hasGoneBad = true;
        return new CacheException(
            CacheError.WentBad,
            $"'{Name}' was whole when it was opened, and is not any more: its row {row} cannot be read. Try again: what can be read will be "
            + "answered, what is lost will be named.");
    }

    /// <summary>The file is not what was indexed.</summary>
    internal void GoBad() => _hasGoneBad = true;

    internal void AddUser() => Interlocked.Increment(ref _users);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _file.Dispose();
        _indexFile?.Dispose();
        _blocks.RemoveWhere(key => key.Archive == this);
        Columns.Forget();
    }

    /// <summary>
    /// The lines of a block: from memory if they are there, else decoded. A block that is asked for once is decoded into the caller's memory and is
    /// gone with its next one; when it is asked for again soon, it stays. Null when it can no longer be read.
    /// </summary>
    internal DecodedBlock? Decode(int block, DecodedBlock scratch)
    {
        var key = new BlockKey(this, block);
        if (_blocks.Find(key) is { } known)
            return known;
        DecodedBlock decoded = _blocks.WasAskedFor(key) ? new DecodedBlock() : scratch;
        if (!TryFill(decoded, block))
            return null;
        if (decoded != scratch)
            _blocks.Add(key, decoded, decoded.Bytes);
        return decoded;
    }

    private bool TryFill(DecodedBlock decoded, int block)
    {
        try
        {
            return decoded.TryFill(_decoders, _file, _table![block]);
        }
        catch (IOException)
        {
            // Whoever reads the file next finds out what the disk still gives.
            return false;
        }
    }
}

/// <summary>An index made from an archive.</summary>
/// <param name="Data">What is in it.</param>
/// <param name="Digest">The XXH128 of the archive's bytes before they were read for it.</param>
internal sealed record MadeIndex(IndexData Data, UInt128 Digest);

/// <summary>A block of an open archive.</summary>
internal readonly record struct BlockKey(ArchiveIndex Archive, int Block);
