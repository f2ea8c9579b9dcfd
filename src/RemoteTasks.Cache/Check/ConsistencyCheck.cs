using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache.Check;

/// <summary>
/// Invariants checked: every line of every file is understood; files are sorted, each UPID once; archives hold finished tasks, in the
/// file they belong to; compressed archives decode whole; running tasks are not known to have ended; the state can be read; nothing is
/// left over from an interrupted write.
/// </summary>
internal sealed class ConsistencyCheck(IDisk disk, string directory, CacheReader reader, IProgress<CacheProgress>? progress)
{
    private readonly List<Finding> _findings = [];

    internal CheckReport Run()
    {
        IReadOnlyList<string> names = disk.List(directory);
        CheckNames(names);
        CheckState(names);

        long bytes = 0;
        long archived = 0;
        for (int i = 0; i < reader.Snapshot.Archives.Count; i++)
        {
            progress?.Report(new CacheProgress($"checking {reader.Snapshot.List.Names[i]}", i, reader.Snapshot.Archives.Count));
            bytes += reader.Snapshot.LengthOf(i);
            archived += CheckArchive(i);
        }

        long distinct = Count(reader.FinishedInArchives(), out _);
        if (distinct < archived)
            Note("archive.*", $"{archived - distinct} tasks stand in two files: an interrupted split or rotation left them; each is shown once");
        long tasks = Count(reader.Source(), out long running);
        foreach (Damage damage in reader.Damage)
            Damaged(damage.File, $"{damage.Problem}; lines passed over: {damage.Lines}; tasks that began from {damage.From} to {damage.To} are in doubt");
        int ended = reader.ActiveLines - (int)reader.Statistics(new TaskQuery { Scope = TaskScope.Running }).All.Running;
        if (ended > 0)
            Note(FileNames.Active, $"{ended} tasks are known to have ended; the next update removes them");
        progress?.Report(new CacheProgress("checked", reader.Snapshot.Archives.Count, reader.Snapshot.Archives.Count));
        return new CheckReport(tasks, running, reader.JournalRows, reader.Snapshot.Archives.Count, bytes, [.. _findings.Distinct()]);
    }

    private void CheckNames(IReadOnlyList<string> names)
    {
        foreach (string name in names.Where(name => name.EndsWith(FileNames.TemporarySuffix, StringComparison.Ordinal)))
            Note(name, "left over from an interrupted write; the next writer removes it");
        foreach (string name in names.Where(name => name.Contains(Aside.Mark, StringComparison.Ordinal)))
            Note(name, "kept aside because it was damaged; remove it when nobody needs it any more");
        foreach (ArchiveName name in ArchiveList.Read(disk, directory).Superseded)
            Note(name.ToString(), "replaced by the compressed file of the same name; the next rotation removes it");
    }

    private void CheckState(IReadOnlyList<string> names)
    {
        if (new StateFile(disk, directory).TryLoad(out _) is null && names.Contains(FileNames.State))
            Damaged(FileNames.State, "cannot be understood; the next writer makes it anew from the stored tasks");
        foreach (Repair repair in reader.State.Repairs.Where(repair => repair.Settled is null))
            Note(repair.Damage.File, $"tasks that began from {repair.Damage.From} to {repair.Damage.To} are waiting to be fetched again");
    }

    private long CheckArchive(int index)
    {
        ArchiveName name = reader.Snapshot.List.Names[index];
        if (name.Compressed && !reader.Snapshot.HasSeekTable(index))
            Note(name.ToString(), "one zstd frame without a seek table, as other programs write it; gets blocks when it is next rewritten");
        long rows = 0;
        long strays = 0;
        long running = 0;
        using LineSource lines = reader.Snapshot.Read(index, reader.DamageFound);
        for (; lines.MoveNext(); rows++)
        {
            if (lines.Current.IsRunning)
                running++;
            if (reader.Snapshot.List.OwnerOf(lines.Current.StartTime) != index)
                strays++;
        }

        if (running > 0)
            Damaged(name.ToString(), $"{running} tasks have no end time, which an archive must not hold");
        if (strays > 0)
            Note(name.ToString(), $"{strays} tasks belong in another file by their start time; they are shown all the same");
        return rows;
    }

    private static long Count(LineSource source, out long running)
    {
        using LineSource lines = source;
        long count = 0;
        running = 0;
        for (; lines.MoveNext(); count++)
        {
            if (lines.Current.IsRunning)
                running++;
        }

        return count;
    }

    private void Note(string file, string text) => _findings.Add(new Finding(IsDamage: false, file, text));

    private void Damaged(string file, string text) => _findings.Add(new Finding(IsDamage: true, file, text));
}
