using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Reads what a cache holds, each time with what it had read before: a directory that did not change is not read at all, an archive that was
/// not replaced stays open and keeps its columns, of the journal only what was added is parsed. Safe to use from several threads.
/// </summary>
internal sealed class SnapshotStore
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly IndexLoader _loader;
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly Journal _journal;
    private readonly GlanceWatch _watch;
    private readonly ActiveFile _activeFile;
    private readonly StateFile _stateFile;
    private readonly Lock _gate = new();
    private CacheContent? _last;
    private CacheContent? _confirmed;
    private (byte[] Bytes, CacheState State)? _knownState;
    private long _version;
    private long _archivesSeen;

    internal SnapshotStore(string directory, TaskCacheOptions options, Journal journal)
    {
        _disk = options.Disk;
        _directory = directory;
        _journal = journal;
        _loader = new IndexLoader(
            new SalvageDisk(_disk), directory, new ByteCache<BlockKey, DecodedBlock>(options.BlockMemoryMax), new ByteCache<PartKey, object>(options.IndexMemoryMax), Fresh);
        _watch = new GlanceWatch(_disk, directory);
        _activeFile = new ActiveFile(_disk, directory);
        _stateFile = new StateFile(_disk, directory);
    }

    /// <summary>What a writer hands over to whoever opens its archives next.</summary>
    internal FreshIndexes Fresh { get; } = new();

    /// <summary>
    /// Until <see cref="ShowAll"/> readers get the tasks of the archives and of this, whatever else the files show: what is being written is seen there before
    /// the disk has it, and a sync that fails takes it back.
    /// </summary>
    internal void ShowOnly(CacheContent confirmed)
    {
        lock (_gate)
            _confirmed = confirmed;
    }

    /// <summary>What is in the files is confirmed.</summary>
    internal void ShowAll()
    {
        lock (_gate)
            _confirmed = null;
    }

    /// <summary>What the last reading found, when nothing changed since and all of it is in memory; null otherwise. The caller releases its tasks.</summary>
    internal CacheContent? TryTakeUnchanged()
    {
        lock (_gate)
        {
            if (_last is not { Journal.HasLines: true } || !_watch.IsUnchanged || !ArchivesAreUnchanged(_last.Tasks))
                return null;
            _last.Tasks.AddUser();
            return _last;
        }
    }

    /// <summary>
    /// Opens all files, says so, then makes them ready, which may take longer. The order counts even without a lock: running tasks, then the
    /// journal, then the archives, as tasks travel, so that a task on its way is seen at least once. The caller releases the tasks.
    /// </summary>
    /// <param name="whenOpen">Called when everything is open; the directory may be unlocked then.</param>
    /// <param name="isWriter">Who writes sees everything, and may put off reading the journal's lines, since he holds the lock longer.</param>
    internal CacheContent Take(Action whenOpen, bool isWriter)
    {
        lock (_gate)
        {
            _watch.BeforeReading();
            CacheContent content = Take(whenOpen, isWriter ? null : _confirmed, readsJournal: !isWriter);

            // While something is held back the files look as they will when it is not.
            if (_confirmed is null)
                _watch.Rely();
            return content;
        }
    }

    /// <summary>Lets what was read go: the next reading looks at every file anew.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _watch.Forget();
            _last?.Tasks.Release();
            _last = null;
        }
    }

    private CacheContent Take(Action whenOpen, CacheContent? confirmed, bool readsJournal)
    {
        List<Damage> damage = [.. confirmed?.Damage.Where(part => part.File == FileNames.Active) ?? []];
        CacheState state = confirmed?.State ?? LoadState();
        TaskLine[] active = confirmed?.Active ?? _activeFile.Load(damage);
        JournalSnapshot lines = confirmed?.Journal ?? LoadJournal(readsJournal);
        if (lines.Damage is { } cut)
            damage.Add(cut);
        ArchiveList list = ArchiveList.Read(_disk, _directory);
        FoundArchive[] found = [.. Find(list.Names)];
        whenOpen();

        TaskSnapshot tasks = Tasks(list.Without([.. list.Names.Except(found.Select(archive => archive.Name))]), found, lines, active);
        damage.AddRange(tasks.Archives.SelectMany(archive => archive.Damage));
        var content = new CacheContent(tasks, lines, active, state, damage, _version + 1);
        if (_last is not null && content.IsLike(_last))
        {
            content = _last;
        }
        else
        {
            _version++;
            _last?.Tasks.Release();
            _last = content;
            content.Tasks.AddUser();
        }

        return content;
    }

    private JournalSnapshot LoadJournal(bool withLines)
    {
        JournalSnapshot journal = _journal.Load(keepsLines: withLines);
        try
        {
            if (withLines)
                _ = journal.Lines;
            return journal;
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            // Of a file that is read anew the lines are kept, and those that cannot be understood named.
            _journal.Forget();
            return _journal.Load(keepsLines: true);
        }
    }

    /// <summary>
    /// Nobody writes to an archive in place but an administrator who copies over it. There may be hundreds, so they are looked at now and then only.
    /// </summary>
    private bool ArchivesAreUnchanged(TaskSnapshot tasks)
    {
        if (tasks.HasGoneBad)
            return false;
        if (TimeProvider.System.GetElapsedTime(_archivesSeen) < BetweenLooks)
            return true;
        _archivesSeen = TimeProvider.System.GetTimestamp();
        return tasks.IsUnchanged;
    }

    private CacheState LoadState()
    {
        ReadOnlySpan<byte> bytes = _stateFile.Read();
        if (_knownState is { } known && bytes.SequenceEqual(known.Bytes))
            return known.State;
        _knownState = (bytes.ToArray(), new CacheState(StateFile.Parse(bytes) ?? new StateDocument()));
        return _knownState.Value.State;
    }

    /// <summary>The archives that are there; those that are as they were when they were read last need not be opened.</summary>
    private IEnumerable<FoundArchive> Find(IEnumerable<ArchiveName> names)
    {
        Dictionary<ArchiveName, ArchiveIndex> known = _last?.Tasks.Archives.ToDictionary(archive => archive.Name) ?? [];
        foreach (ArchiveName name in names)
        {
            if (known.TryGetValue(name, out ArchiveIndex? same) && _disk.Stamp(Path.Combine(_directory, name.ToString())) is { } stamp && same.IsStill(stamp) && !same.HasGoneBad)
                yield return new FoundArchive(name, same, null);
            else if (_loader.TryOpen(name) is { } files)
                yield return new FoundArchive(name, null, files);
        }
    }

    /// <summary>The tasks in all these, with one use for the caller. Takes over the files.</summary>
    private TaskSnapshot Tasks(ArchiveList list, FoundArchive[] found, JournalSnapshot lines, TaskLine[] active)
    {
        ArchiveIndex[] archives = Load(list, found);
        if (_last is { } last && Fits(last, archives, lines, active))
        {
            foreach (ArchiveIndex archive in archives)
                archive.Release();
            return last.Tasks.AddUser();
        }

        return new TaskSnapshot(list, archives, lines, active, _last?.Tasks);
    }

    private ArchiveIndex[] Load(ArchiveList list, FoundArchive[] found)
    {
        var archives = new ArchiveIndex[found.Length];
        int done = 0;
        try
        {
            for (; done < archives.Length; done++)
            {
                archives[done] = found[done].Known ?? _loader.Load(found[done].Files!, list.BoundsOf(done));
                if (found[done].Known is { } known)
                    known.AddUser();
            }

            return archives;
        }
        catch
        {
            foreach (ArchiveIndex archive in archives.AsSpan(0, done))
                archive.Release();
            foreach (FoundArchive archive in found.Skip(done + 1))
                archive.Files?.Dispose();
            throw;
        }
    }

    private static bool Fits(CacheContent last, ArchiveIndex[] archives, JournalSnapshot lines, TaskLine[] active) =>
        ReferenceEquals(lines, last.Journal)
        && archives.AsSpan().SequenceEqual(last.Tasks.Archives.ToArray())
        && (ReferenceEquals(active, last.Active)
            || (active.Length == last.Active.Length && active.Zip(last.Active).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span))));

    /// <summary>An archive as it was found in the directory: one that is in use already, or its files, just opened.</summary>
    private sealed record FoundArchive(ArchiveName Name, ArchiveIndex? Known, OpenFiles? Files);
}
