using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Check;

/// <summary>Writes archives anew with what can be read of them.</summary>
internal sealed class Mending(Workspace workspace, ActiveFile active)
{
    /// <summary>Archives with tasks that have no end: such belong among the running ones, where it is found out what became of them.</summary>
    internal static IEnumerable<string> WithRunningTasks(TaskSnapshot stored) =>
        stored.Archives.Where(archive => archive.Columns.Column(TaskColumn.Class).Bytes.AsSpan().Contains((byte)StatusClass.Running)).Select(archive => archive.Name.ToString());

    internal void Write(ArchiveName name)
    {
        using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
        int index = archives.List.Names.ToList().IndexOf(name);
        if (index < 0)
            return;
        MoveRunning(archives, index);
        using var finished = new ChangedSource(archives.Read(index, []), static line => line.IsRunning ? null : line);
        new ArchiveMerge(workspace).Replace(archives.List, index, finished, splitBelow: false);
    }

    private void MoveRunning(OpenArchives archives, int index)
    {
        var running = new List<TaskLine>();
        using (LineSource rows = archives.Read(index, []))
        {
            while (rows.MoveNext())
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
