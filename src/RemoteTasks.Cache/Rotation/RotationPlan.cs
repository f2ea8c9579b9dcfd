using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Rotation;

/// <summary>An archive file as the plan sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">Its rows, counted for the newest file only, and only where a bound asks for it.</param>
internal readonly record struct PlannedFile(ArchiveName Name, long Bytes, long Rows = 0);

/// <summary>What rotation should do, decided from names, sizes and times alone.</summary>
/// <param name="Begin">Epoch of the file to begin; null: none is due.</param>
/// <param name="Compress">Plain files that are to be compressed.</param>
/// <param name="Drop">Files that are no longer kept.</param>
internal sealed record RotationPlan(long? Begin, IReadOnlyList<ArchiveName> Compress, IReadOnlyList<ArchiveName> Drop)
{
    /// <summary>What is due in a directory now.</summary>
    /// <param name="workspace">The directory.</param>
    /// <param name="journal">What is not in the archives yet.</param>
    /// <param name="force">Begin a file even if none is due.</param>
    internal static RotationPlan Make(Workspace workspace, JournalSnapshot journal, bool force)
    {
        using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
        long? newestStart = journal.AllRows.Select(row => (long?)row.Start).DefaultIfEmpty(null).Max();
        var files = new PlannedFile[archives.Count];
        for (int i = 0; i < files.Length; i++)
        {
            using ArchiveSource? rows = archives.Salvage(i, []);
            long count = 0;
            if (rows?.MoveNext() == true)
            {
                newestStart = Math.Max(newestStart ?? long.MinValue, rows.Current.StartTime);
                count = 1;
            }

            // Only the newest file's rows matter, and only where there is a bound for them.
            while (i == 0 && workspace.Options.RotateRowsMax is not null && rows?.MoveNext() == true)
                count++;
            files[i] = new PlannedFile(archives.List.Names[i], archives.LengthOf(i), count);
        }

        return For(files, newestStart, workspace.Options.Now, force, workspace.Options);
    }

    /// <param name="files">Newest first.</param>
    /// <param name="newestStart">Start time of the newest task, which ages are measured against too: a clock that jumped ahead must not drop history.</param>
    /// <param name="now">Seconds since the epoch.</param>
    /// <param name="force">Begin a file even if none is due.</param>
    /// <param name="options">The bounds.</param>
    internal static RotationPlan For(
        IReadOnlyList<PlannedFile> files, long? newestStart, long now, bool force, TaskCacheOptions options)
    {
        long? begin = Due(files, now, force, options);
        var kept = new List<PlannedFile>(files);
        if (begin is { } epoch)
        {
            int place = kept.FindIndex(file => file.Name.Epoch < epoch);
            kept.Insert(place < 0 ? kept.Count : place, new PlannedFile(new ArchiveName(epoch, Compressed: false), 0));
        }

        List<ArchiveName> drop = Expired(kept, now, Math.Min(now, newestStart ?? now), options);
        return new RotationPlan(
            begin,
            [.. kept.Skip(options.PlainFiles).Select(file => file.Name).Where(name => !name.Compressed && name.Epoch != begin).Except(drop)],
            drop);
    }

    /// <summary>A file whose name lies in the future, left by a clock that was wrong, is not the newest: rotation goes on below it.</summary>
    private static long? Due(IReadOnlyList<PlannedFile> files, long now, bool force, TaskCacheOptions options)
    {
        PlannedFile newest = files.FirstOrDefault(file => file.Name.Epoch <= now);
        if (newest.Name == default && files.All(file => file.Name.Epoch != 0))
            return Periods.Floor(now, options.RotateSeconds);

        long aligned = Periods.Floor(now, options.RotateSeconds);
        bool isOld = now - newest.Name.Epoch >= options.RotateSeconds;
        if (isOld && aligned > newest.Name.Epoch)
            return aligned;
        bool isLarge = newest.Bytes >= options.RotateBytesMax || newest.Rows >= options.RotateRowsMax;
        return (isLarge || force) && now > newest.Name.Epoch ? now : null;
    }

    /// <summary>Files whose names lie in the future neither count nor make room: the file that takes today's tasks is never dropped for them.</summary>
    private static List<ArchiveName> Expired(List<PlannedFile> kept, long now, long ageFrom, TaskCacheOptions options)
    {
        int current = Math.Max(0, kept.FindIndex(file => file.Name.Epoch <= now));
        var drop = new List<ArchiveName>();
        long bytes = 0;
        for (int i = 0; i < kept.Count; i++)
        {
            bytes += kept[i].Bytes;
            bool isTooMany = i - current >= options.RetainFilesMax;
            bool isTooMuch = bytes > options.RetainBytesMax;
            bool isTooOld = options.RetainFor is { } span && i > 0 && kept[i - 1].Name.Epoch <= ageFrom - (long)span.TotalSeconds;
            if (i > current && (isTooMany || isTooMuch || isTooOld))
                drop.Add(kept[i].Name);
        }

        return drop;
    }
}
