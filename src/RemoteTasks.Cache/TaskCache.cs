using RemoteTasks.Cache.Check;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.State;

namespace RemoteTasks.Cache;

/// <summary>
/// A directory of tasks: running ones in <c>active</c>, finished ones in <c>journal</c> and <c>archive.*</c>, what pollers must
/// remember in <c>state</c>. Any number of programs may read it, and one at a time may write. Safe to use from several threads;
/// keep one instance for as long as the directory is in use, since it remembers the journal.
/// </summary>
public sealed class TaskCache
{
    private readonly TaskCacheOptions _options;
    private readonly Journal _journal;
    private readonly StateFile _stateFile;
    private readonly SnapshotStore _snapshots;
    private readonly WriteGuard _guard = new();

    private TaskCache(string directory, TaskCacheOptions options)
    {
        Directory = directory;
        _options = options;
        _journal = new Journal(options.Disk, directory);
        _stateFile = new StateFile(options.Disk, directory);
        _snapshots = new SnapshotStore(directory, options, _journal);
    }

    /// <summary>Full path of the directory.</summary>
    public string Directory { get; }

    /// <summary>Names a directory; nothing is read or made before <see cref="Read"/> or <see cref="Write"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TaskCache Open(string directory, TaskCacheOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new TaskCacheOptions();
        if (!options.IsInRange)
            throw new ArgumentException($"An option is out of range (at least one file is begun with and kept, nothing is negative): {options}", nameof(options));
        if (options.Salvages)
            options = options with { Disk = new SalvageDisk(options.Disk) };
        return new TaskCache(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), options);
    }

    /// <summary>
    /// A snapshot to read from. Costs a few microseconds when nothing changed since the last one; otherwise the shared lock is taken, and held only
    /// while files are opened.
    /// </summary>
    /// <exception cref="CacheException">There is no cache in the directory, or the lock was not to be had in time.</exception>
    public CacheReader Read()
    {
        if (_snapshots.TryTakeUnchanged() is { } unchanged)
            return new CacheReader(unchanged);
        IDisk disk = _options.Disk;
        IReadOnlyList<string> names = disk.List(Directory);
        if (!names.Any(name => name is FileNames.Active or FileNames.Journal or FileNames.State || ArchiveName.TryParse(name, out _)))
        {
            throw new CacheException(
                CacheError.NotFound,
                $"There is no task cache in '{Directory}'. Give the directory that holds the archive.* files, or fill one with 'serve' or 'import'.");
        }

        using DirectoryLock directoryLock = DirectoryLock.ToRead(disk, Directory, _options.LockTimeout);
        return new CacheReader(_snapshots.Take(whenOpen: directoryLock.Dispose, isWriter: false));
    }

    /// <summary>Reads every file and says what is wrong, where, and what was lost. Changes nothing.</summary>
    /// <exception cref="CacheException">There is no cache in the directory, or the lock was not to be had in time.</exception>
    public CheckReport Check(IProgress<CacheProgress>? progress = null)
    {
        using CacheReader reader = Read();
        return new ConsistencyCheck(_options.Disk, Directory, reader, progress).Run();
    }

    /// <summary>The one object that can change the cache; it keeps other writers out until it is disposed. Makes the cache when there is none.</summary>
    /// <exception cref="CacheException">The lock was not to be had in time, or an earlier write was not confirmed by the disk.</exception>
    public CacheWriter Write()
    {
        // Nobody waits for a lock with which nothing can be written.
        _guard.EnsureConfirmed();
        IDisk disk = _options.Disk;
        disk.CreateDirectory(Directory);
        DirectoryLock directoryLock = DirectoryLock.ToWrite(disk, Directory, _options.LockTimeout);
        try
        {
            var workspace = new Workspace(disk, Directory, _options, directoryLock, _snapshots.Fresh);
            return new CacheWriter(workspace, _journal, _stateFile, _snapshots, _guard);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }
}
