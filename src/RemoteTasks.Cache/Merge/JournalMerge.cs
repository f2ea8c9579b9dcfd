using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Brings the journal's rows into the archives they belong to; the journal stays. Of it, only the lines of the archives that are being
/// merged are in memory.
/// </summary>
/// <param name="workspace">What it works on.</param>
/// <param name="noteDamage">Makes damage that was met durable, before the only trace of it is replaced.</param>
/// <param name="stored">The archives as they are, indexed; null when every line is to be read.</param>
internal sealed class JournalMerge(Workspace workspace, Action noteDamage, TaskSnapshot? stored)
{
    /// <summary>Merges; the number of archive files written.</summary>
    internal int Run(JournalSnapshot journal, ICollection<Damage> damage, IProgress<CacheProgress>? progress)
    {
        int rows = journal.RowCount;
        progress?.Report(new CacheProgress("merging", 0, rows));
        ArchiveList list = ArchiveList.Read(workspace.Disk, workspace.Directory);
        ILookup<bool, JournalShare> shares = JournalShare.Of(journal, list).ToLookup(share => MaySplice(list, share));
        IReadOnlyList<JournalShare> damaged = stored is null ? [] : new SpliceBatch(workspace, stored).Run(list, [.. shares[true]]);
        int files = shares[true].Count() - damaged.Count;
        List<JournalShare> byLine = [.. shares[false], .. damaged];
        int done = rows - byLine.Sum(share => share.Rows.Count);
        foreach (JournalShare share in byLine)
        {
            progress?.Report(new CacheProgress($"merging into {list.Names[share.Index]}", done, rows));
            files += MergeLines(share.Read(), damage);
            done += share.Rows.Count;
        }

        progress?.Report(new CacheProgress("merged", rows, rows));
        return files;
    }

    /// <summary>A file that may have to be split is merged line by line.</summary>
    private bool MaySplice(ArchiveList list, JournalShare share)
    {
        if (stored is null || share.Index >= stored.Archives.Count || stored.Archives[share.Index].Name != list.Names[share.Index])
            return false;
        ArchiveIndex archive = stored.Archives[share.Index];
        return ArchiveSplice.IsFor(archive) && !SplitsBelow(list, share.Index, share.RowsBelow)
            && !(ArchiveMerge.MaySplit(workspace.Options, share.Index) && IsLong(archive, share));
    }

    /// <summary>Whether the rows will be of more than one period.</summary>
    private bool IsLong(ArchiveIndex archive, JournalShare share)
    {
        (long newest, long oldest) = (share.Newest, share.Oldest);
        if (archive.Rows > 0)
        {
            newest = Math.Max(newest, archive.Columns.StartOf(0));
            oldest = Math.Min(oldest, archive.Columns.StartOf(archive.Rows - 1));
        }

        long period = workspace.Options.RotateSeconds;
        return Periods.Floor(newest, period) > Math.Max(archive.Name.Epoch, Periods.Floor(oldest, period));
    }

    private int MergeLines(SortedLines rows, ICollection<Damage> damage)
    {
        int files = 0;
        for (int from = 0; from < rows.Count;)
        {
            // Opened anew for every file: the one before may have been split.
            using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
            int index = archives.List.OwnerOf(rows.StartOf(from));
            bool isOldest = index == archives.List.Names.Count - 1;
            int below = rows.FirstBefore(archives.List.Names[index].Epoch);
            int to = isOldest ? rows.Count : below;
            try
            {
                using var merged = new MergedSource(new SortedSource(rows, from, to), archives.ReadToReplace(index, damage));
                files += new ArchiveMerge(workspace, noteDamage).Replace(archives.List, index, merged, SplitsBelow(archives.List, index, to - Math.Max(from, below)));
            }
            catch (UnreadableException)
            {
                // Whoever opens it next finds out what is lost.
                stored?.Archives.FirstOrDefault(archive => archive.Name == archives.List.Names[index])?.GoBad();
                throw;
            }

            from = to;
        }

        return files;
    }

    /// <summary>The oldest file takes everything older than its own bound; only when there is much of it, it gets files of its own.</summary>
    private bool SplitsBelow(ArchiveList list, int index, int rowsBelow) =>
        index == list.Names.Count - 1 && ArchiveMerge.MaySplit(workspace.Options, index) && workspace.Options.RetainFor is null && rowsBelow >= Limits.SplitRowsMin;
}
