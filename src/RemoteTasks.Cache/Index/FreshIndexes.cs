using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Indexes of archives that this process has just written: whoever opens the archive next need not read back and sum up what was in memory a
/// moment ago. Held up to a number of bytes, each until it is taken. Safe to use from several threads.
/// </summary>
internal sealed class FreshIndexes
{
    internal const long BytesMax = 16L << 20;

    private readonly Dictionary<FileStamp, FreshIndex> _entries = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>Takes an index over, when there is room; nobody else may change it any more.</summary>
    internal void Offer(FreshIndex index)
    {
        lock (_gate)
        {
            // What was not taken by now belongs to archives that are gone, or that nobody asks for.
            if (_bytes + index.Bytes > BytesMax)
            {
                _entries.Clear();
                _bytes = 0;
            }

            if (index.Bytes <= BytesMax && _entries.TryAdd(index.Archive, index))
                _bytes += index.Bytes;
        }
    }

    /// <summary>The index of an archive, which is then the caller's; null when there is none.</summary>
    internal FreshIndex? Take(FileStamp archive)
    {
        lock (_gate)
        {
            if (!_entries.Remove(archive, out FreshIndex? index))
                return null;
            _bytes -= index.Bytes;
            return index;
        }
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
