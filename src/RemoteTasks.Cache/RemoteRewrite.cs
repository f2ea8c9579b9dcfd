using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache;

/// <summary>
/// Changes that go through every file: a remote's tasks removed, or given another remote id. The intention stands in the state until all
/// files are done, so that a crash in the middle is finished by the next writer.
/// </summary>
internal sealed class RemoteRewrite(Workspace workspace, StateFile stateFile, Journal journal)
{
    internal void Remove(string remote, bool purge)
    {
        stateFile.Change(state =>
        {
            state.RemoteState.Remove(remote);
            state.TrackedTasks.RemoveAll(upid => IsOf(upid, remote));
            state.Removing = purge ? remote : null;
            if (state.Renamed?.From == remote || state.Renamed?.To == remote)
                state.Renamed = null;
        });

        SaveActive(lines => lines.Where(line => !IsOf(line, remote)));
        if (purge)
            Finish();
    }

    internal void Rename(string remote, string newId)
    {
        if (!Upids.UpidFields.IsSafeId(Encoding.UTF8.GetBytes(newId)))
            throw new ArgumentException($"'{newId}' is not a remote id: letters, digits, '_', '-' and '.' make one, and it begins with a letter, a digit or '_'.", nameof(newId));
        var rename = new RenameDocument(remote, newId);
        stateFile.Change(state =>
        {
            if (state.Renamed == rename && !state.RemoteState.ContainsKey(remote))
                return;
            if (state.RemoteState.ContainsKey(newId))
                throw new ArgumentException($"There is a remote '{newId}' already.", nameof(newId));
            StateChanges.Rename(state, remote, newId);
            state.TrackedTasks = [.. state.TrackedTasks.Select(upid => IsOf(upid, remote) ? Renamed(upid, newId) : upid)];
            state.Renaming = rename;
        });
        Finish();
    }

    internal void SettleRename() => stateFile.Change(state => state.Renamed = null);

    /// <summary>Does what the state says is still to be done.</summary>
    internal void Finish()
    {
        StateDocument state = stateFile.TryLoad(out _) ?? new StateDocument();
        if (state.Removing is { } remote)
        {
            Rewrite(line => IsOf(line, remote) ? null : line);
            stateFile.Change(changed => changed.Removing = null);
        }

        if (state.Renaming is { } rename)
        {
            Rewrite(line => IsOf(line, rename.From) ? Renamed(line, rename.To) : line);
            stateFile.Change(changed => (changed.Renaming, changed.Renamed) = (null, rename));
        }
    }

    private static bool IsOf(in TaskLine line, string remote) =>
        Encoding.UTF8.GetString(line.Fields.Remote.Of(line.Upid.Span)) == remote;

    private static bool IsOf(string upid, string remote) =>
        RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out _) && parsed.Remote == remote;

    private static string Renamed(string upid, string newId) =>
        RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out _)
            ? $"{(parsed.IsBackupServer ? "pbs" : "pve")}:{newId}!{parsed.Native}"
            : upid;

    private static TaskLine Renamed(in TaskLine line, string newId)
    {
        byte[] upid = Encoding.UTF8.GetBytes(Renamed(Encoding.UTF8.GetString(line.Upid.Span), newId));

        // A line that would become longer than a line may be keeps its name: better than a renaming that never ends.
        return new LineParser().TryParse(LineWriter.WithUpid(line, upid), out TaskLine renamed, out _) ? renamed.Detach() : line;
    }

    private void SaveActive(Func<IEnumerable<TaskLine>, IEnumerable<TaskLine>> change)
    {
        var file = new ActiveFile(workspace.Disk, workspace.Directory);
        TaskLine[] active = file.Load([]);
        TaskLine[] changed = [.. change(active).Order(JournalSnapshot.Order)];
        if (!changed.Select(line => line.Bytes).SequenceEqual(active.Select(line => line.Bytes)))
            file.Save(changed);
    }

    /// <summary>Passes every line of every file through a change that keeps its start time; null leaves it out. The journal is empty before.</summary>
    private void Rewrite(Func<TaskLine, TaskLine?> change)
    {
        SaveActive(lines => lines.Select(change).OfType<TaskLine>());
        new JournalApply(workspace, journal, NoteDamage).Run(read: null, progress: null);
        var damage = new List<Damage>();
        foreach (ArchiveName name in ArchiveList.Read(workspace.Disk, workspace.Directory).Names)
        {
            using OpenArchives archives = OpenArchives.Open(workspace.Disk, workspace.Directory);
            int index = archives.List.Names.ToList().IndexOf(name);
            using var rows = new ChangedSource(archives.ReadToReplace(index, damage), change);
            new ArchiveMerge(workspace, () => NoteDamage(damage)).Replace(archives.List, index, rows, splitBelow: false);
        }
    }

    private void NoteDamage(IReadOnlyCollection<Damage> damage) => stateFile.Change(state => StateChanges.RequestRepair(state, damage));
}
