using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache;

/// <summary>
/// Stands around everything that changes a cache, whichever writer does: nothing is written without the shared lock, and nothing any more by this process once
/// the disk did not confirm a write.
/// </summary>
internal sealed class WriteGuard
{
    private CacheException? _failure;

    /// <exception cref="CacheException">The disk did not confirm a write: see <see cref="CacheError.SyncFailed"/>.</exception>
    internal void EnsureConfirmed()
    {
        if (_failure is not null)
            throw _failure;
    }

    /// <exception cref="CacheException">The disk did not confirm a write: see <see cref="CacheError.SyncFailed"/>.</exception>
    internal T Run<T>(DirectoryLock directoryLock, Func<T> change)
    {
        // Whoever had the lock before may have met it.
        EnsureConfirmed();
        directoryLock.EnsureShared();
        try
        {
            return change();
        }
        catch (SyncException error)
        {
            throw _failure = new CacheException(
                CacheError.SyncFailed,
                $"The disk did not confirm a write: {error.Message} Nothing is written any more until the program is started again; "
                + "then what is in doubt is written anew.",
                error);
        }
    }
}
