using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Disk;

/// <summary>
/// Who may do what in a cache directory. Every program, the reference included, agrees on flock(2) of <c>.lock</c>: shared to read,
/// exclusive to write. Our writers also take <c>.writer</c> first, so that one can prepare a change for as long as it needs under the
/// shared lock, which keeps strangers from writing but lets everybody read; only putting the result in place is exclusive.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly TimeSpan _timeout;
    private readonly IDiskLock _lock;
    private readonly IDiskLock? _writerLock;
    private bool _isShared = true;

    private DirectoryLock(IDisk disk, string directory, TimeSpan timeout, IDiskLock @lock, IDiskLock? writerLock)
    {
        _disk = disk;
        _directory = directory;
        _timeout = timeout;
        _lock = @lock;
        _writerLock = writerLock;
    }

    /// <summary>For as long as it takes to open files.</summary>
    internal static DirectoryLock ToRead(IDisk disk, string directory, TimeSpan timeout) => Take(disk, directory, timeout, writerLock: null);

    /// <summary>For a writer's whole life.</summary>
    internal static DirectoryLock ToWrite(IDisk disk, string directory, TimeSpan timeout)
    {
        IDiskLock writerLock = disk.OpenLock(Path.Combine(directory, FileNames.WriterLock));
        if (writerLock.TryTake(LockMode.Exclusive, timeout))
            return Take(disk, directory, timeout, writerLock);
        writerLock.Dispose();
        throw TimedOut(directory, FileNames.WriterLock, timeout);
    }

    /// <summary>Takes the shared lock again if it was lost in trying to be alone; nothing may be written without it.</summary>
    internal void EnsureShared()
    {
        if (!_isShared && !(_isShared = _lock.TryTake(LockMode.Shared, _timeout)))
            throw TimedOut(_directory, FileNames.Lock, _timeout);
    }

    /// <summary>Runs a change of several files while nobody else reads or writes.</summary>
    internal void Exclusively(Action change)
    {
        if (!_isShared)
        {
            EnsureShared();
            throw Changed();
        }

        string before = Signature();
        if (!_lock.TryTake(LockMode.Exclusive, _timeout))
        {
            // The shared lock was lost in trying; nothing was changed.
            _isShared = _lock.TryTake(LockMode.Shared, TimeSpan.Zero);
            throw TimedOut(_directory, FileNames.Lock, _timeout);
        }

        try
        {
            // Changing from shared to exclusive lets go for a moment, in which a stranger may have written.
            if (Signature() != before)
                throw Changed();
            change();
        }
        finally
        {
            _isShared = _lock.TryTake(LockMode.Shared, _timeout);
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        _writerLock?.Dispose();
    }

    private static DirectoryLock Take(IDisk disk, string directory, TimeSpan timeout, IDiskLock? writerLock)
    {
        IDiskLock? @lock = null;
        try
        {
            @lock = disk.OpenLock(Path.Combine(directory, FileNames.Lock));
            if (!@lock.TryTake(LockMode.Shared, timeout))
                throw TimedOut(directory, FileNames.Lock, timeout);
            return new DirectoryLock(disk, directory, timeout, @lock, writerLock);
        }
        catch
        {
            @lock?.Dispose();
            writerLock?.Dispose();
            throw;
        }
    }

    private CacheException Changed() => new(
        CacheError.ChangedMeanwhile,
        $"Another program changed the cache '{_directory}' while a change was being prepared. Nothing was changed; try again.");

    private static CacheException TimedOut(string directory, string name, TimeSpan timeout) => new(
        CacheError.Locked,
        $"Another program holds the lock '{Path.Combine(directory, name)}' for more than {timeout.TotalSeconds:0.#} s. Wait for it to end, or stop it (fuser -v shows who it is), and try again.");

    /// <summary>Which files there are: replaced archives have other inodes, a journal that was written to another length.</summary>
    private string Signature()
    {
        IEnumerable<string> names = _disk.List(_directory)
            .Where(name => name == FileNames.Journal || ArchiveName.TryParse(name, out _))
            .Order(StringComparer.Ordinal);
        return string.Join('\n', names.Select(name =>
        {
            using IDiskFile? file = _disk.OpenRead(Path.Combine(_directory, name));
            return file is null ? name : $"{name} {file.Identity} {(name == FileNames.Journal ? file.Length : 0)}";
        }));
    }
}
