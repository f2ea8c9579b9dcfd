using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Moves the journal's rows into the archives they belong to, newest file first. The journal is emptied only when all of them are
/// durable, so a crash anywhere leaves rows in both, where the journal's version speaks: doing it again changes nothing.
/// </summary>
/// <param name="workspace">What it works on.</param>
/// <param name="noteDamage">Makes damage that was met durable, before the only trace of it is replaced.</param>
internal sealed class JournalApply(Workspace workspace, Action noteDamage)
{
    /// <summary>Merges; the number of archive files written. The journal is still as it was.</summary>
    internal int Run(JournalSnapshot journal, ICollection<Damage> damage, IProgress<CacheProgress>? progress)
    {
        int files = 0;
        int done = 0;
        var merge = new ArchiveMerge(workspace, noteDamage);
        while (done < journal.Lines.Count)
        {
            // Opened anew for every file: the one before may have been split.
            using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
            int index = archives.List.OwnerOf(journal.Lines.StartOf(done));
            int end = EndOfOwner(archives.List, index, journal.Lines);
            progress?.Report(new CacheProgress($"merging into {archives.List.Names[index]}", done, journal.Lines.Count));
            using var merged = new MergedSource(new SortedSource(journal.Lines, done, end), archives.ReadToReplace(index, damage));
            files += merge.Replace(archives.List, index, merged, SplitsBelow(archives.List, index, end - journal.Lines.FirstBefore(archives.List.Names[index].Epoch)));
            done = end;
        }

        progress?.Report(new CacheProgress("merged", done, journal.Lines.Count));
        return files;
    }

    private static int EndOfOwner(ArchiveList list, int index, SortedLines lines) =>
        index == list.Names.Count - 1 ? lines.Count : lines.FirstBefore(list.Names[index].Epoch);

    /// <summary>The oldest file takes everything older than its own bound; only when there is much of it, it gets files of its own.</summary>
    private bool SplitsBelow(ArchiveList list, int index, int rowsBelow) =>
        index == list.Names.Count - 1 && ArchiveMerge.MaySplit(workspace.Options, index) && workspace.Options.RetainFor is null && rowsBelow >= Limits.SplitRowsMin;
}
