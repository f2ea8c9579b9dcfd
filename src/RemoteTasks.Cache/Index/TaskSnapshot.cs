using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Everything that is in the cache at one moment, ready to be asked: archives as columns, and over them, in memory, what is not in the
/// archive it belongs to. Immutable; holds its archives open until it is released.
/// </summary>
internal sealed class TaskSnapshot
{
    private readonly ArchiveIndex[] _archives;
    private readonly Late<(Segment[] Segments, Overlay.Known Found)> _overlay;
    private int _users = 1;

    /// <param name="list">The archives by name.</param>
    /// <param name="archives">The same, open, newest first; the snapshot takes one use of each.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="active">The running list's lines, in order.</param>
    /// <param name="before">The snapshot before this one; what it knows of the same archives is not found out again.</param>
    internal TaskSnapshot(ArchiveList list, ArchiveIndex[] archives, JournalSnapshot journal, TaskLine[] active, TaskSnapshot? before)
    {
        List = list;
        _archives = archives;
        Overlay.Known? known = before?._overlay.IsMade == true && archives.AsSpan().SequenceEqual(before._archives) ? before._overlay.Value.Found : null;
        _overlay = new(() => new Overlay(list, archives).Build(journal.Lines, active, known));
    }

    internal ArchiveList List { get; }

    internal IReadOnlyList<ArchiveIndex> Archives => _archives;

    /// <summary>Newest first: whoever reads them one after the other reads all tasks in order.</summary>
    internal IReadOnlyList<Segment> Segments => _overlay.Value.Segments;

    /// <summary>Whether no archive was written to in place.</summary>
    internal bool IsUnchanged => _archives.All(archive => archive.IsUnchanged);

    /// <summary>Whether an archive turned out not to be what was indexed.</summary>
    internal bool HasGoneBad => _archives.Any(archive => archive.HasGoneBad);

    internal TaskSnapshot AddUser()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        foreach (ArchiveIndex archive in _archives)
            archive.Release();
    }

    /// <summary>Bytes of an archive.</summary>
    internal long LengthOf(int archive) => _archives[archive].Length;

    /// <summary>Whether an archive can be read block by block; only compressed ones can.</summary>
    internal bool HasSeekTable(int archive)
    {
        try
        {
            return SeekTable.TryRead(_archives[archive].File, _archives[archive].Length) is not null;
        }
        catch (IOException)
        {
            // Nobody knows: that it cannot be read is what is told of it.
            return true;
        }
    }

    /// <summary>Reads an archive line by line.</summary>
    internal LineSource Read(int archive, ICollection<Damage> damage) =>
        new ArchiveSource(_archives[archive].File, List.Names[archive], List.BoundsOf(archive), damage);

    internal long Count(TaskFilter filter) => Segments.Sum(segment => segment.Count(filter));

    /// <summary>One task; false when it is not here.</summary>
    internal bool TryFind(in TaskLine key, out TaskLine found)
    {
        foreach (Segment segment in Segments)
        {
            int over = segment.Over.AsSpan().BinarySearch(key, JournalSnapshot.Order);
            if (over >= 0)
            {
                found = segment.Over[over];
                return true;
            }

            if (segment.Archive is null || !ArchiveSearch.MayHave(segment.Archive, key))
                continue;
            using var reader = new RowReader(segment.Archive);
            int row = ArchiveSearch.RowOf(reader, key, out bool isThere);
            if (!isThere || row < segment.From || row >= segment.To)
                continue;
            found = reader.View(row).Detach();
            return true;
        }

        found = default;
        return false;
    }
}
