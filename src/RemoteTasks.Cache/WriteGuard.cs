using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache;

/// <summary>
/// Stands around everything that changes the cache: nothing is written without the shared lock, and nothing any more once the disk did not
/// confirm a write.
/// </summary>
/// <param name="workspace">What is changed.</param>
/// <param name="fail">Told when it must not be changed any more by this process.</param>
internal sealed class WriteGuard(Workspace workspace, Action<CacheException> fail)
{
    private CacheException? _failure;

    internal void Run(Action change) => Run(() =>
    {
        change();
        return true;
    });

    /// <exception cref="CacheException">The disk did not confirm a write: see <see cref="CacheError.SyncFailed"/>.</exception>
    internal T Run<T>(Func<T> change)
    {
        if (_failure is not null)
            throw _failure;
        workspace.Lock.EnsureShared();
        try
        {
            return change();
        }
        catch (SyncException error)
        {
            _failure = new CacheException(
                CacheError.SyncFailed,
                $"The disk did not confirm a write: {error.Message} Nothing is written any more until the program is started again; "
                + "then what is in doubt is written anew.",
                error);
            fail(_failure);
            throw _failure;
        }
    }
}
