using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache;

/// <summary>What every writer does first: makes a new cache whole, removes what a crash left, finishes what one interrupted.</summary>
internal sealed class Recovery(Workspace workspace, Journal journal, StateFile stateFile)
{
    /// <param name="rebuildState">Makes the state anew from what is stored.</param>
    /// <param name="finishes">Whether what was interrupted is finished at once: it goes through every file, which may have to be mended before.</param>
    internal void Run(Action rebuildState, bool finishes)
    {
        foreach (string name in workspace.Disk.List(workspace.Directory).Where(name => name.EndsWith(FileNames.TemporarySuffix, StringComparison.Ordinal)))
            workspace.Disk.Delete(workspace.PathOf(name));
        bool isNew = ArchiveList.Read(workspace.Disk, workspace.Directory).Names.Count == 0;
        if (isNew)
            MakeArchives();
        if (stateFile.IsKnownAtRest())
            return;
        StateDocument? state = stateFile.TryLoad(out _);
        if (state is null)
            ReplaceState(isNew && journal.Load().Length == 0 ? static () => { } : rebuildState);
        else if (!state.IsAtRest && finishes)
            Finish();
    }

    /// <summary>Finishes what was interrupted.</summary>
    internal void Finish() => new RemoteRewrite(workspace, stateFile, journal).Finish();

    /// <summary>For a state that is missing or cannot be read; the unreadable one is kept beside, for people.</summary>
    private void ReplaceState(Action rebuildState)
    {
        string path = workspace.PathOf(FileNames.State);
        if (workspace.Disk.List(workspace.Directory).Contains(FileNames.State))
        {
            workspace.Disk.Rename(path, $"{path}{Aside.Mark}{workspace.Options.Now}");
            workspace.SyncDirectory();
        }

        rebuildState();
    }

    /// <summary>Archives back to where a new cache begins, so that history finds its files at once.</summary>
    private void MakeArchives()
    {
        TaskCacheOptions options = workspace.Options;
        long newest = Periods.Floor(options.Now, options.RotateSeconds);
        int count = Math.Min(options.InitialFiles, options.RetainFilesMax ?? int.MaxValue);
        long[] epochs = [.. Enumerable.Range(0, count).Select(i => Math.Max(0, newest - (i * options.RotateSeconds))).Distinct()];

        // Whoever made the directory may have been killed, or told by the disk that it has no name yet.
        workspace.SyncParents();

        // The newest last: where it is, all are.
        foreach (long epoch in epochs.Reverse())
        {
            int age = Array.IndexOf(epochs, epoch);
            using var writer = new ArchiveWriter(workspace.Disk, workspace.Directory, compressed: age >= options.PlainFiles);
            writer.Sync();
            writer.Place(new ArchiveName(epoch, Compressed: age >= options.PlainFiles));
        }

        workspace.SyncDirectory();
    }
}
