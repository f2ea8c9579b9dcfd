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
        while (done < journal.Lines.Length)
        {
            // Opened anew for every file: the one before may have been split.
            using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
            int index = archives.List.OwnerOf(journal.Lines[done].StartTime);
            int end = EndOfOwner(archives.List, index, journal.Lines, done);
            TaskLine[] rows = journal.Lines[done..end];
            progress?.Report(new CacheProgress($"merging into {archives.List.Names[index]}", done, journal.Lines.Length));
            using var merged = new MergedSource(new MemorySource(rows), archives.ReadToReplace(index, damage));
            files += merge.Replace(archives.List, index, merged, SplitsBelow(archives.List, index, rows));
            done = end;
        }

        progress?.Report(new CacheProgress("merged", done, journal.Lines.Length));
        return files;
    }

    private static int EndOfOwner(ArchiveList list, int index, TaskLine[] lines, int start)
    {
        if (index == list.Names.Count - 1)
            return lines.Length;
        int end = start;
        while (end < lines.Length && lines[end].StartTime >= list.Names[index].Epoch)
            end++;
        return end;
    }

    /// <summary>The oldest file takes everything older than its own bound; only when there is much of it, it gets files of its own.</summary>
    private bool SplitsBelow(ArchiveList list, int index, TaskLine[] rows)
    {
        if (index != list.Names.Count - 1 || !ArchiveMerge.MaySplit(workspace.Options, index) || workspace.Options.RetainFor is not null)
            return false;
        long bound = list.Names[index].Epoch;
        return rows.Count(row => row.StartTime < bound) >= Limits.SplitRowsMin;
    }
}
