using System.Buffers;
using System.IO.Hashing;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Opens archives for querying: with the index beside them when it is theirs, else with one made from the file, once. An index can make
/// no answer wrong: it is bound to the bytes of its archive, and every part of it is verified when it is read.
/// </summary>
internal sealed class IndexLoader(
    IDisk disk, string directory, ByteCache<BlockKey, DecodedBlock> blocks, ByteCache<PartKey, object> parts, FreshIndexes freshIndexes)
{
    private const int DigestPieceBytes = 256 << 10;

    /// <summary>What blocks of all its archives are decoded by.</summary>
    internal BlockDecoders Decoders { get; } = new();

    /// <summary>Opens the files of an archive, which is quick; null when there is no such archive any more.</summary>
    internal OpenFiles? TryOpen(ArchiveName name)
    {
        IDiskFile? file = disk.OpenRead(Path.Combine(directory, name.ToString()));
        return file is null ? null : new OpenFiles(name, file, disk.OpenRead(Path.Combine(directory, IndexFile.NameOf(name.Epoch))));
    }

    /// <summary>Makes the archive ready to be asked, which may mean to read all of it. Takes over the files.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="bounds">The tasks that belong to it.</param>
    internal ArchiveIndex Load(OpenFiles files, TimeBounds bounds)
    {
        try
        {
            if (FromIndexFile(files) is { } index)
                return index;
            files.Index?.Dispose();
            return FromArchive(files.Name, files.Archive, bounds);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The XXH128 of a whole file.</summary>
    internal static UInt128 Digest(IDiskFile file)
    {
        var hash = new XxHash128();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DigestPieceBytes);
        try
        {
            long offset = 0;
            for (int read; (read = file.Read(offset, buffer)) > 0; offset += read)
                hash.Append(buffer.AsSpan(0, read));
            return hash.GetCurrentHashAsUInt128();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ArchiveIndex? FromIndexFile(OpenFiles files)
    {
        IDiskFile file = files.Archive;
        if (files.Index is null || !files.Name.Compressed)
            return null;
        try
        {
            if (SeekTable.TryRead(file, file.Length) is not { } table)
                return null;
            FreshIndex? fresh = freshIndexes.Take(files.Name, file.Stamp);
            if (IndexFile.TryOpen(files.Index, file.Length, () => fresh?.Digest ?? Digest(file)) is not { } sections)
                return null;
            if (fresh is not null && fresh.Data.Rows == sections.Rows)
                return Opened(files, sections, table, fresh.Data.BlockRows, fresh.Data.Columns);
            if (sections.BlockRows() is not { } blockRows || !IsWhole(sections) || !Fits(blockRows, table.Count, sections.Rows))
                return null;
            return Opened(files, sections, table, blockRows, []);
        }
        catch (IOException)
        {
            // The disk does not give the index, or the archive: reading that anew will tell which.
            return null;
        }
    }

    /// <param name="files">The archive and its index.</param>
    /// <param name="sections">The index.</param>
    /// <param name="table">Where blocks lie.</param>
    /// <param name="blockRows">The first row of each block.</param>
    /// <param name="known">Columns that are in memory already, by column; none or all.</param>
    private ArchiveIndex Opened(OpenFiles files, IndexFile.IndexSections sections, SeekTable table, int[] blockRows, ColumnData[] known)
    {
        var columns = new ArchiveColumns(sections.Rows, new FileColumns(sections), parts);
        for (int i = 0; i < known.Length; i++)
            columns.Keep((TaskColumn)i, known[i]);
        return new ArchiveIndex(files.Name, files.Archive, files.Index, columns, table, blockRows, [], blocks, Decoders) { Digest = sections.ArchiveDigest };
    }

    private static bool Fits(int[] blockRows, int blocksInTable, int rows)
    {
        if (blockRows.Length != blocksInTable || (blockRows.Length > 0 && blockRows[0] != 0))
            return false;
        for (int i = 1; i < blockRows.Length; i++)
        {
            if (blockRows[i] <= blockRows[i - 1])
                return false;
        }

        return blockRows.Length == 0 ? rows == 0 : blockRows[^1] < rows;
    }

    /// <summary>Reads every part once: later reads of them may then fail only if the disk does.</summary>
    private static bool IsWhole(IndexFile.IndexSections sections)
    {
        foreach (TaskColumn column in Enum.GetValues<TaskColumn>())
        {
            if (sections.Column(column) is not { } data || !IsWidthOf(column, data.Width, sections.Rows) || sections.Dictionary(column) is not { } dictionary)
                return false;
            if (sections.Rows > 0 && Bound(column, dictionary) is { } bound && ColumnScan.Max(data) >= bound)
                return false;
            if (Enumerable.Range(0, dictionary.Count).Any(id => !IndexKeys.IsValue(column, dictionary[id])))
                return false;
        }

        return true;
    }

    /// <summary>What the values of a column must be below; null where they may be anything. Ids of processes share their column with process ids.</summary>
    private static int? Bound(TaskColumn column, IndexDictionary dictionary) => column switch
    {
        TaskColumn.Class => StatusClasses.Count,
        TaskColumn.Node or TaskColumn.Type or TaskColumn.User or TaskColumn.WorkerId or TaskColumn.Status => dictionary.Count,
        _ => null,
    };

    private static bool IsWidthOf(TaskColumn column, int width, int rows) => rows == 0 || column switch
    {
        TaskColumn.Start or TaskColumn.Serial => width == 4,
        TaskColumn.Process => width == 3,
        TaskColumn.Duration => width == 2,
        TaskColumn.Class => width == 1,
        _ => width != 3,
    };

    /// <summary>Reads the whole archive. The index stays in memory; a writer puts it beside the archive.</summary>
    private ArchiveIndex FromArchive(ArchiveName name, IDiskFile file, TimeBounds bounds)
    {
        var damage = new List<Damage>();
        var builder = new IndexBuilder();

        // Before the lines are read: what changes meanwhile must not be taken for what they were read from.
        UInt128? digest = name.Compressed ? TryDigest(file) : null;
        bool isVerbatim;
        bool hasUnread;
        using (var source = new ArchiveSource(file, name, bounds, damage))
        {
            while (source.MoveNext())
                builder.Add(source.Current);
            isVerbatim = source.IsVerbatim;
            hasUnread = source.HasUnread;
        }

        // Rows are found by block only when they stand in the file just as they were given out.
        SeekTable? table = digest is not null && isVerbatim && damage.Count == 0 ? SeekTable.TryRead(file, file.Length) : null;
        IndexData data = builder.Build();
        int[] blockRows = table is null ? [] : BlockRows(file, table, data.Rows);
        if (blockRows.Length == 0)
            table = null;
        return new ArchiveIndex(
            name, file, indexFile: null, new ArchiveColumns(data.Rows, data, parts), table, blockRows, damage, blocks, Decoders)
        {
            HasUnread = hasUnread || (name.Compressed && digest is null),
            Made = table is null ? null : new MadeIndex(data with { BlockRows = blockRows }, digest!.Value),
        };
    }

    /// <summary>The XXH128 of a file; null when the disk does not give all of it, of which reading its lines will tell.</summary>
    internal static UInt128? TryDigest(IDiskFile file)
    {
        try
        {
            return Digest(file);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int[] BlockRows(IDiskFile file, SeekTable table, int rows)
    {
        using var decoder = new BlockDecoder();
        int[] firstRows = new int[table.Count];
        byte[] buffer = [];
        int row = 0;
        for (int block = 0; block < table.Count; block++)
        {
            firstRows[block] = row;
            if (decoder.Decode(file, table[block], ref buffer) is not { } bytes)
                return [];
            row += bytes.Span.Count((byte)'\n');
        }

        return row == rows ? firstRows : [];
    }

    /// <summary>Columns of an index file, read whenever they are asked for.</summary>
    private sealed class FileColumns(IndexFile.IndexSections sections) : IColumnSource
    {
        public bool HasGoneBad { get; private set; }

        public ColumnData Column(TaskColumn column) => Read(() => sections.Column(column));

        public IndexDictionary Dictionary(TaskColumn column) => Read(() => sections.Dictionary(column));

        private T Read<T>(Func<T?> read)
            where T : class
        {
            IOException? cause = null;
            try
            {
                if (read() is { } whole)
                    return whole;
            }
            catch (IOException error)
            {
                cause = error;
            }

            HasGoneBad = true;
            throw new CacheException(
                CacheError.WentBad, "An index was whole when it was opened, and is not any more. Try again: it will be made anew from its archive.", cause);
        }
    }
}

/// <summary>An archive and, when there is one, the file beside it that may be its index.</summary>
internal sealed record OpenFiles(ArchiveName Name, IDiskFile Archive, IDiskFile? Index) : IDisposable
{
    public void Dispose()
    {
        Archive.Dispose();
        Index?.Dispose();
    }
}
