using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Indexes of archives that this process has just written: whoever opens the archive next need not read back and sum up what was in memory a
/// moment ago. Held up to a number of bytes, each until it is taken or its archive is written anew. Safe to use from several threads.
/// </summary>
internal sealed class FreshIndexes
{
    internal const long BytesMax = 16L << 20;

    private readonly Dictionary<ArchiveName, FreshIndex> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Memory that what is here takes.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Takes an index over, when there is room; nobody else may change it any more.</summary>
    internal void Offer(ArchiveName name, FreshIndex index)
    {
        lock (_gate)
        {
            // Of a file that was replaced nobody asks for it any more.
            Remove(name);

            // What was not taken by now belongs to archives that are gone, or that nobody asks for.
            if (Bytes + index.Bytes > BytesMax)
            {
                _entries.Clear();
                Bytes = 0;
            }

            if (index.Bytes <= BytesMax && _entries.TryAdd(name, index))
                Bytes += index.Bytes;
        }
    }

    /// <summary>The index of an archive as it is now, which is then the caller's; null when there is none.</summary>
    internal FreshIndex? Take(ArchiveName name, FileStamp archive)
    {
        lock (_gate)
        {
            return Remove(name) is { } index && index.Archive == archive ? index : null;
        }
    }

    private FreshIndex? Remove(ArchiveName name)
    {
        if (!_entries.Remove(name, out FreshIndex? index))
            return null;
        Bytes -= index.Bytes;
        return index;
    }
}

/// <summary>What is known of an archive that was just written.</summary>
/// <param name="Archive">The file as it was when it was synced.</param>
/// <param name="Digest">The XXH128 of its bytes.</param>
/// <param name="Data">Its index.</param>
internal sealed record FreshIndex(FileStamp Archive, UInt128 Digest, IndexData Data)
{
    /// <summary>Memory its columns take.</summary>
    internal long Bytes => Data.Columns.Sum(column => (long)column.Bytes.Length);
}
