using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Check;

/// <summary>Writes archives anew with what can be read of them.</summary>
/// <param name="workspace">What it works on.</param>
/// <param name="active">The running tasks.</param>
/// <param name="noteDamage">Makes damage that was met durable, before the file that shows it is replaced.</param>
internal sealed class Mending(Workspace workspace, ActiveFile active, Action<IReadOnlyCollection<Damage>> noteDamage)
{
    /// <summary>Archives with tasks that have no end: such belong among the running ones, where it is found out what became of them.</summary>
    internal static IEnumerable<string> WithRunningTasks(TaskSnapshot stored) =>
        stored.Archives.Where(archive => archive.Columns.Column(TaskColumn.Class).Bytes.AsSpan().Contains((byte)StatusClass.Running)).Select(archive => archive.Name.ToString());

    /// <summary>Writes one anew. An archive of which the disk does not give all is kept aside: it may some day, and no remote knows its tasks for ever.</summary>
    internal void Write(ArchiveName name)
    {
        using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
        int index = archives.List.Names.ToList().IndexOf(name);
        if (index < 0)
            return;
        MoveRunning(archives, index);
        var damage = new List<Damage>();
        if (archives.Salvage(index, damage) is not { } rows)
            return;
        using var finished = new ChangedSource(rows, static line => line.IsRunning ? null : line);
        new ArchiveMerge(workspace, () =>
        {
            noteDamage(damage);
            Aside.KeepUnread(workspace, rows);
        }).Replace(archives.List, index, finished, splitBelow: false);
    }

    private void MoveRunning(OpenArchives archives, int index)
    {
        var running = new List<TaskLine>();
        using (ArchiveSource? rows = archives.Salvage(index, []))
        {
            while (rows?.MoveNext() == true)
            {
                if (rows.Current.IsRunning)
                    running.Add(rows.Current.Detach());
            }
        }

        if (running.Count == 0)
            return;
        List<TaskLine> all = [.. running, .. active.Load([])];
        LineOrder.SortDistinct(all);
        active.Save(all);
    }
}
