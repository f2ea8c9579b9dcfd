using RemoteTasks.Cache.Check;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Rotation;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache;

/// <summary>
/// The cache, locked for writing. Readers go on meanwhile. Every change is durable when its method returns, and safe to repeat
/// when it threw or the power failed. One thread at a time; dispose it soon, others are waiting.
/// </summary>
public sealed class CacheWriter : IDisposable
{
    private const int FillingBytesMin = 1 << 20;

    private readonly Workspace _workspace;
    private readonly Journal _journal;
    private readonly SnapshotStore _snapshots;
    private readonly WriteGuard _guard;
    private readonly ActiveFile _activeFile;
    private readonly StateFile _stateFile;

    internal CacheWriter(Workspace workspace, Journal journal, StateFile stateFile, SnapshotStore snapshots, WriteGuard guard)
    {
        _workspace = workspace;
        _journal = journal;
        _snapshots = snapshots;
        _guard = guard;
        _activeFile = new ActiveFile(workspace.Disk, workspace.Directory);
        _stateFile = stateFile;
        Run(() => new Recovery(workspace, journal, _stateFile).Run(MakeState, finishes: !workspace.Options.Salvages));
    }

    /// <summary>The cache as it is now, for looking things up while nobody else writes.</summary>
    public CacheReader Read() => new(_snapshots.TryTakeUnchanged() ?? _snapshots.Take(whenOpen: static () => { }, isWriter: true));

    /// <summary>
    /// Stores a batch. Order of writes: the journal, synced, from when on finished tasks are safe; then the running tasks; then the state,
    /// so that a crash in between is healed by storing the same batch, or what the remotes answer next, again.
    /// A batch that brings nothing new writes nothing.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing; what was not acknowledged may be stored again.</exception>
    /// <exception cref="CacheException">The disk did not confirm a write: see <see cref="CacheError.SyncFailed"/>.</exception>
    public UpdateResult Update(TaskBatch batch, IProgress<CacheProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Run(() => UpdateAndApply(batch, progress));
    }

    private UpdateResult UpdateAndApply(TaskBatch batch, IProgress<CacheProgress>? progress)
    {
        try
        {
            return StoreAndApply(batch, progress);
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            // What cannot be read any more is not stored any more; what was written by then is found and not written again.
            _journal.Forget();
            return StoreAndApply(batch, progress);
        }
    }

    private UpdateResult StoreAndApply(TaskBatch batch, IProgress<CacheProgress>? progress)
    {
        // To write the journal anew takes away the trace of what is missing in it.
        if (_journal.Load().Damage is { } damage)
            NoteDamage([damage]);
        _journal.EnsureDurable();
        _snapshots.ShowAll();
        using CacheReader reader = Read();
        return Store(batch, reader, progress);
    }

    private UpdateResult Store(TaskBatch batch, CacheReader reader, IProgress<CacheProgress>? progress)
    {
        using var update = new UpdatePlan(batch, reader.Content);
        _snapshots.ShowOnly(reader.Content);
        try
        {
            Write(update, batch, reader.Content);
        }
        catch
        {
            // What is in the files is not confirmed before the next update has made sure of it.
            _journal.DoubtNames();
            throw;
        }

        _snapshots.ShowAll();
        TaskCacheOptions options = _workspace.Options;
        bool isFilling = update.Journal.Length > FillingBytesMin;
        long bytesMax = isFilling ? Math.Max(options.JournalBytesMax, options.JournalBytesMaxWhileFilling) : options.JournalBytesMax;
        ApplyResult? applied = _journal.Load().Length > bytesMax ? ApplyIfReadable(progress) : null;
        return new UpdateResult(update.Stored, update.New, update.Running, update.Rejected, applied);
    }

    /// <summary>
    /// The batch is stored: that an archive cannot be read for the journal to be merged into it must not keep its damage from being fetched again and settled.
    /// An apply that is asked for by itself says so.
    /// </summary>
    private ApplyResult? ApplyIfReadable(IProgress<CacheProgress>? progress)
    {
        try
        {
            return Apply(progress);
        }
        catch (UnreadableException)
        {
            using CacheReader reader = Read();
            NoteDamage(reader.Damage);
            return null;
        }
    }

    private void Write(UpdatePlan update, TaskBatch batch, CacheContent before)
    {
        if (update.New > 0)
            _journal.Append(update.Journal);
        if (update.Active is { } active)
            _activeFile.Save(active);
        if (before.Damage.Count > 0 || !StateChanges.ChangeNothing(before.State, batch, update.Ended))
            ChangeState(batch, before.Damage, update.Ended);
    }

    private void ChangeState(TaskBatch batch, IReadOnlyCollection<Damage> damage, Func<string, bool> isEnded) => _stateFile.Change(state =>
    {
        StateChanges.Apply(state, batch, isEnded);
        StateChanges.RequestRepair(state, damage);
    });

    /// <summary>Merges the journal into the archives and empties it.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing is lost.</exception>
    /// <exception cref="CacheException">The disk did not confirm a write: see <see cref="CacheError.SyncFailed"/>.</exception>
    public ApplyResult ApplyJournal(IProgress<CacheProgress>? progress = null) => Run(() => Apply(progress));

    private ApplyResult Apply(IProgress<CacheProgress>? progress) =>
        new JournalApply(_workspace, _journal, damage => NoteDamage(damage)).Run(Read, progress);

    /// <summary>
    /// Begins a new archive when one is due (or when forced), after applying the journal; compresses older ones; drops what is no
    /// longer kept.
    /// </summary>
    public RotateResult Rotate(bool force = false, IProgress<CacheProgress>? progress = null) => Run(() => RotateIfDue(force, progress));

    private RotateResult RotateIfDue(bool force, IProgress<CacheProgress>? progress)
    {
        RotationPlan plan = RotationPlan.Make(_workspace, _journal.Load(), force);
        ApplyResult? applied = null;
        if (plan.Begin is not null)
        {
            applied = Apply(progress);
            plan = RotationPlan.Make(_workspace, _journal.Load(), force);
        }

        var damage = new List<Damage>();
        new Rotator(_workspace, damage, () => NoteDamage(damage)).CarryOut(plan, progress);
        CompleteIndexes();
        return new RotateResult(
            plan.Begin is { } begun ? new ArchiveName(begun, Compressed: _workspace.Options.PlainFiles == 0).ToString() : null,
            [.. plan.Compress.Select(name => (name with { Compressed = true }).ToString())],
            [.. plan.Drop.Select(name => name.ToString())],
            applied,
            damage);
    }

    /// <summary>Notes damage, so that a poller fetches what it touched again: each part once, however often it is met. True when something was new.</summary>
    public bool RequestRepair(IReadOnlyCollection<Damage> damage)
    {
        ArgumentNullException.ThrowIfNull(damage);
        return Run(() => NoteDamage(damage));
    }

    private bool NoteDamage(IReadOnlyCollection<Damage> damage) => damage.Count > 0 && _stateFile.Change(state => StateChanges.RequestRepair(state, damage));

    /// <summary>
    /// Says that what a repair asked for has been fetched again, or can no longer be had: the file is written anew without the damaged
    /// part (the journal is applied), so that nobody meets it again.
    /// </summary>
    public void SettleRepair(Repair repair)
    {
        ArgumentNullException.ThrowIfNull(repair);
        Run(() => Settle(repair));
    }

    private void Settle(Repair repair)
    {
        DropSuperseded([]);
        WriteAnew(repair.Damage.File);
        _stateFile.Change(state => StateChanges.SettleRepair(state, repair.Damage, _workspace.Options.Now));
    }

    /// <summary>
    /// Writes damaged files anew with what can be read of them, and keeps each as it was beside it. What is missing is noted, so that a poller fetches it again.
    /// </summary>
    public MendResult Mend(IProgress<CacheProgress>? progress = null) => Run(() => MendFiles(progress));

    private MendResult MendFiles(IProgress<CacheProgress>? progress)
    {
        List<Damage> damage;
        string[] files;
        using (CacheReader reader = Read())
        {
            damage = [.. reader.Damage];

            // Archives before the journal, which is merged into them.
            files = [.. damage.Select(part => part.File).Concat(Mending.WithRunningTasks(reader.Snapshot)).Distinct().OrderBy(file => !ArchiveName.TryParse(file, out _))];
        }

        NoteDamage(damage);

        // All before any: the journal's tasks go into archives.
        MendedFile[] mended = [.. files.Select(file => new MendedFile(file, Aside.Keep(_workspace, file)))];
        DropSuperseded(damage);
        for (int i = 0; i < files.Length; i++)
        {
            progress?.Report(new CacheProgress($"writing {files[i]} anew", i, files.Length));
            WriteAnew(files[i]);
        }

        new Recovery(_workspace, _journal, _stateFile).Finish();
        CompleteIndexes();
        return new MendResult(mended, damage);
    }

    /// <summary>Before an archive is written anew that has lost tasks which the plain file before it may still have.</summary>
    private void DropSuperseded(List<Damage> damage) => new Rotator(_workspace, damage, () => NoteDamage(damage)).DropSuperseded();

    private void WriteAnew(string file)
    {
        if (ArchiveName.TryParse(file, out ArchiveName name))
            new Mending(_workspace, _activeFile, damage => NoteDamage(damage)).Write(name);
        else if (file == FileNames.Journal && _journal.Load().Damage is not null)
            Apply(progress: null);
        else if (file == FileNames.Active)
            _activeFile.Save(_activeFile.Load([]));
    }

    /// <summary>Makes the state anew from the archives: each node's cut-off becomes the start of its newest task in them.</summary>
    public void RebuildState() => Run(MakeState);

    private void MakeState()
    {
        using CacheReader reader = Read();
        _stateFile.SaveIfChanged(StateRebuild.From(reader), []);
    }

    /// <summary>Forgets a remote: its running tasks and state, and, when <paramref name="purge"/> says so, all its tasks.</summary>
    public void RemoveRemote(string remote, bool purge)
    {
        ArgumentException.ThrowIfNullOrEmpty(remote);
        Run(() => new RemoteRewrite(_workspace, _stateFile, _journal).Remove(remote, purge));
    }

    /// <summary>
    /// Gives a remote another id; its history stays, once, under the new one. That it was done is remembered, so that
    /// doing it again does nothing, until <see cref="SettleRename"/>, or until a node reports under the new id.
    /// </summary>
    /// <exception cref="ArgumentException">The new id is not an id, or is taken.</exception>
    public void RenameRemote(string remote, string newId)
    {
        ArgumentException.ThrowIfNullOrEmpty(remote);
        Run(() => new RemoteRewrite(_workspace, _stateFile, _journal).Rename(remote, newId));
    }

    /// <summary>Says that whoever names the remotes knows of the last renaming.</summary>
    public void SettleRename() => Run(() => new RemoteRewrite(_workspace, _stateFile, _journal).SettleRename());

    /// <summary>Lets the next writer in.</summary>
    public void Dispose() => _workspace.Lock.Dispose();

    private void Run(Action change) => Run(() =>
    {
        change();
        return true;
    });

    private T Run<T>(Func<T> change) => _guard.Run(_workspace.Lock, change);

    /// <summary>Gives archives the index they lack, and takes away indexes without one.</summary>
    private void CompleteIndexes()
    {
        var keeper = new IndexKeeper(_workspace);
        keeper.RemoveStrays();
        bool isComplete;
        using (CacheReader reader = Read())
            isComplete = !keeper.Complete(reader.Snapshot);
        if (!isComplete)
            _snapshots.Forget();
    }
}
