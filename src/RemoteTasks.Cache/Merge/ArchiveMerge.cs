using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Gives one archive a new content, streamed: its own lines and those that come from the journal.
/// <para>
/// A file that has come to hold more than one period, as when years of history are imported, is split at the bounds of periods on
/// the way. The other parts are in place, durably, before the old file is replaced by what remains of it: a crash in between leaves
/// tasks twice, the same in both, and the file that a task belongs to speaks.
/// </para>
/// </summary>
/// <param name="workspace">What it works on.</param>
/// <param name="noteDamage">Makes damage that was met in the old file durable, before the new one replaces it.</param>
internal sealed class ArchiveMerge(Workspace workspace, Action? noteDamage = null)
{
    /// <summary>Writes the rows, given in order, as the archive's content; the number of files that came of it.</summary>
    /// <param name="list">The archives there are.</param>
    /// <param name="index">The one to replace.</param>
    /// <param name="rows">Its new content.</param>
    /// <param name="splitBelow">Whether rows older than the oldest archive's bound get files of their own.</param>
    internal int Replace(ArchiveList list, int index, LineSource rows, bool splitBelow)
    {
        var parts = new List<Part>();
        try
        {
            Write(list, index, rows, splitBelow, parts);
            foreach (Part part in parts)
                part.Writer.Sync();
            noteDamage?.Invoke();
            workspace.Lock.Exclusively(() => Place(parts, list.Names[index]));
            return parts.Count;
        }
        finally
        {
            foreach (Part part in parts)
                part.Writer.Dispose();
        }
    }

    /// <summary>
    /// The newest file is begun and ended by rotation; and where only so many files are kept, a split would push out the oldest.
    /// </summary>
    internal static bool MaySplit(TaskCacheOptions options, int index) =>
        index > 0 && options.RetainFilesMax is null && options.RotateSeconds > 0;

    private void Write(ArchiveList list, int index, LineSource rows, bool splitBelow, List<Part> parts)
    {
        ArchiveName name = list.Names[index];
        long upperBound = list.UpperBound(index);
        long period = MaySplit(workspace.Options, index) ? workspace.Options.RotateSeconds : 0;
        long lastStart = long.MaxValue;
        bool isBelow = false;
        Part part = Begin(name.Compressed);
        while (rows.MoveNext())
        {
            long start = rows.Current.StartTime;
            if (splitBelow && !isBelow && start < name.Epoch)
            {
                part.Name = name;
                part = Begin(compressed: true);
                isBelow = true;
            }
            else if (period > 0 && part.Writer.Lines >= Limits.SplitRowsMin && lastStart < upperBound
                && Floor(start) < Floor(lastStart) && (isBelow || Floor(lastStart) > name.Epoch))
            {
                part.Name = name with { Epoch = Floor(lastStart) };
                part = Begin(name.Compressed || isBelow);
            }

            part.Writer.Write(rows.Current);
            lastStart = start;
        }

        part.Name = isBelow ? new ArchiveName(Floor(lastStart), Compressed: true) : name;

        long Floor(long time) => Periods.Floor(time, period);

        Part Begin(bool compressed)
        {
            var begun = new Part(new ArchiveWriter(workspace.Disk, workspace.Directory, compressed), compressed);
            parts.Add(begun);
            return begun;
        }
    }

    private void Place(List<Part> parts, ArchiveName replaced)
    {
        foreach (Part part in parts.Where(part => part.Name != replaced))
            part.Writer.Place(part.Name with { Compressed = part.Compressed });
        if (parts.Count > 1)
            workspace.SyncDirectory();
        parts.Single(part => part.Name == replaced).Writer.Place(replaced);
        workspace.SyncDirectory();
    }

    private sealed class Part(ArchiveWriter writer, bool compressed)
    {
        internal ArchiveWriter Writer { get; } = writer;

        internal bool Compressed { get; } = compressed;

        internal ArchiveName Name { get; set; }
    }
}

/// <summary>Bounds of periods, as file names have them.</summary>
internal static class Periods
{
    /// <summary>The last bound at or before a time, never negative; the time itself when there are no periods.</summary>
    internal static long Floor(long time, long period) => period <= 0 ? Math.Max(0, time) : Math.Max(0, time - (time % period));
}
