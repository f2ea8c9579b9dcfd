using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Moves the journal's rows into the archives they belong to. The journal is emptied only when all of them are durable, so a crash anywhere
/// leaves rows in both, where the journal's version speaks: doing it again changes nothing.
/// </summary>
/// <param name="workspace">What it works on.</param>
/// <param name="noteDamage">Makes damage that was met durable, before the only trace of it is replaced.</param>
/// <param name="stored">The archives as they are, indexed; null when every line is to be read.</param>
internal sealed class JournalApply(Workspace workspace, Action noteDamage, TaskSnapshot? stored)
{
    /// <summary>Merges; the number of archive files written. The journal is still as it was.</summary>
    internal int Run(SortedLines journal, ICollection<Damage> damage, IProgress<CacheProgress>? progress)
    {
        List<Share> byIndex = [];
        List<Share> byLine = [];
        ArchiveList list = ArchiveList.Read(workspace.Disk, workspace.Directory);
        foreach (Share share in Shares(list, journal, 0, journal.Count))
            (MaySplice(list, share, journal) ? byIndex : byLine).Add(share);

        progress?.Report(new CacheProgress("merging", 0, journal.Count));
        IReadOnlyList<Share> damaged = stored is null ? [] : new SpliceBatch(workspace, stored, journal).Run(list, byIndex);
        int files = byIndex.Count - damaged.Count;
        byLine.AddRange(damaged);
        int done = journal.Count - byLine.Sum(share => share.To - share.From);
        foreach (Share share in byLine)
        {
            files += MergeLines(journal, share, damage, progress, done);
            done += share.To - share.From;
        }

        progress?.Report(new CacheProgress("merged", journal.Count, journal.Count));
        return files;
    }

    /// <summary>Which rows belong to which archive, newest first.</summary>
    private static IEnumerable<Share> Shares(ArchiveList list, SortedLines journal, int from, int to)
    {
        while (from < to)
        {
            int index = list.OwnerOf(journal.StartOf(from));
            int end = index == list.Names.Count - 1 ? to : Math.Min(to, journal.FirstBefore(list.Names[index].Epoch));
            yield return new Share(index, from, end);
            from = end;
        }
    }

    /// <summary>A file that may have to be split is merged line by line.</summary>
    private bool MaySplice(ArchiveList list, Share share, SortedLines journal)
    {
        if (stored is null || share.Index >= stored.Archives.Count || stored.Archives[share.Index].Name != list.Names[share.Index])
            return false;
        ArchiveIndex archive = stored.Archives[share.Index];
        return ArchiveSplice.IsFor(archive) && !SplitsBelow(list, share, journal)
            && !(ArchiveMerge.MaySplit(workspace.Options, share.Index) && IsLong(archive, share, journal));
    }

    /// <summary>Whether the rows will be of more than one period.</summary>
    private bool IsLong(ArchiveIndex archive, Share share, SortedLines journal)
    {
        long newest = journal.StartOf(share.From);
        long oldest = journal.StartOf(share.To - 1);
        if (archive.Rows > 0)
        {
            newest = Math.Max(newest, archive.Columns.StartOf(0));
            oldest = Math.Min(oldest, archive.Columns.StartOf(archive.Rows - 1));
        }

        long period = workspace.Options.RotateSeconds;
        return Periods.Floor(newest, period) > Math.Max(archive.Name.Epoch, Periods.Floor(oldest, period));
    }

    private int MergeLines(SortedLines journal, Share share, ICollection<Damage> damage, IProgress<CacheProgress>? progress, int done)
    {
        int files = 0;
        for (int from = share.From; from < share.To;)
        {
            // Opened anew for every file: the one before may have been split.
            using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
            Share part = Shares(archives.List, journal, from, share.To).First();
            progress?.Report(new CacheProgress($"merging into {archives.List.Names[part.Index]}", done + from - share.From, journal.Count));
            using var merged = new MergedSource(new SortedSource(journal, part.From, part.To), archives.ReadToReplace(part.Index, damage));
            files += new ArchiveMerge(workspace, noteDamage).Replace(archives.List, part.Index, merged, SplitsBelow(archives.List, part, journal));
            from = part.To;
        }

        return files;
    }

    /// <summary>The oldest file takes everything older than its own bound; only when there is much of it, it gets files of its own.</summary>
    private bool SplitsBelow(ArchiveList list, Share share, SortedLines journal) =>
        share.Index == list.Names.Count - 1 && ArchiveMerge.MaySplit(workspace.Options, share.Index) && workspace.Options.RetainFor is null
        && share.To - Math.Max(share.From, journal.FirstBefore(list.Names[share.Index].Epoch)) >= Limits.SplitRowsMin;
}

/// <summary>The part of the journal that belongs to one archive: rows from one on and below another.</summary>
internal readonly record struct Share(int Index, int From, int To);
