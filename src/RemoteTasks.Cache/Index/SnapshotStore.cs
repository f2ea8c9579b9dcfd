using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Makes snapshots, each from what the one before had: an archive that was not replaced stays open and keeps its columns. Safe to use from
/// several threads.
/// </summary>
internal sealed class SnapshotStore(IDisk disk, string directory)
{
    private const long BlockBytesMax = 64L << 20;
    private const long ColumnBytesMax = 192L << 20;

    private readonly IndexLoader _loader = new(
        disk, directory, new ByteCache<BlockKey, DecodedBlock>(BlockBytesMax), new ByteCache<ColumnKey, ColumnData>(ColumnBytesMax));

    private readonly Lock _gate = new();
    private Known? _known;

    /// <summary>Opens the archives there are now; quick, to be done while the directory is locked. Hand the result to <see cref="Take"/>.</summary>
    internal IReadOnlyList<OpenFiles> OpenArchives(ArchiveList list) => [.. list.Names.Select(_loader.TryOpen).OfType<OpenFiles>()];

    /// <summary>A snapshot of opened archives and of lines, which the caller releases. Takes over the files.</summary>
    internal TaskSnapshot Take(ArchiveList list, IReadOnlyList<OpenFiles> files, JournalSnapshot journal, TaskLine[] active)
    {
        lock (_gate)
        {
            ArchiveList there = list.Without([.. list.Names.Except(files.Select(file => file.Name))]);
            ArchiveIndex[] archives = Reuse(there, files);
            if (_known is { } known && known.Fits(archives, journal, active))
            {
                foreach (ArchiveIndex archive in archives)
                    archive.Release();
                return known.Snapshot.AddUser();
            }

            var snapshot = new TaskSnapshot(there, archives, journal.Lines, active);
            _known?.Snapshot.Release();
            _known = new Known(snapshot, journal, active);
            return snapshot.AddUser();
        }
    }

    /// <summary>Lets the last snapshot go: the next one looks at every file anew.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _known?.Snapshot.Release();
            _known = null;
        }
    }

    private ArchiveIndex[] Reuse(ArchiveList list, IReadOnlyList<OpenFiles> files)
    {
        var archives = new ArchiveIndex[files.Count];
        int done = 0;
        try
        {
            for (; done < files.Count; done++)
            {
                OpenFiles file = files[done];
                ArchiveIndex? same = _known?.Snapshot.Archives.FirstOrDefault(
                    known => known.Name == file.Name && known.IsStill(file.Archive));
                if (same is null)
                {
                    archives[done] = _loader.Load(file, list.UpperBound(done));
                    continue;
                }

                same.AddUser();
                archives[done] = same;
                file.Dispose();
            }

            return archives;
        }
        catch
        {
            foreach (ArchiveIndex archive in archives.AsSpan(0, done))
                archive.Release();
            foreach (OpenFiles file in files.Skip(done + 1))
                file.Dispose();
            throw;
        }
    }

    /// <summary>The last snapshot and what it was made of.</summary>
    private sealed record Known(TaskSnapshot Snapshot, JournalSnapshot Journal, TaskLine[] Active)
    {
        internal bool Fits(ArchiveIndex[] archives, JournalSnapshot journal, TaskLine[] active) =>
            ReferenceEquals(journal.Lines, Journal.Lines)
            && archives.AsSpan().SequenceEqual(Snapshot.Archives.ToArray())
            && active.Length == Active.Length
            && active.Zip(Active).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
    }
}
