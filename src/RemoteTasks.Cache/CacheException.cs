namespace RemoteTasks.Cache;

/// <summary>Why the cache could not do what it was asked.</summary>
public enum CacheError
{
    /// <summary>There is no cache in the directory.</summary>
    NotFound,

    /// <summary>Another program holds the lock longer than the time limit.</summary>
    Locked,

    /// <summary>The disk did not confirm a write. The cache is read-only in this process from then on.</summary>
    SyncFailed,

    /// <summary>Another program changed the directory while a change was being prepared; trying again is safe.</summary>
    ChangedMeanwhile,

    /// <summary>
    /// A file that was whole when it was opened no longer is: the disk gives other bytes, or none. Trying again finds out what is lost, and
    /// answers with the rest.
    /// </summary>
    WentBad,
}

/// <summary>An error of the cache; the message says what to do. Other failures of the disk come as <see cref="IOException"/>.</summary>
public sealed class CacheException : Exception
{
    internal CacheException(CacheError error, string message, Exception? cause = null)
        : base(message, cause) => Error = error;

    /// <summary>Why.</summary>
    public CacheError Error { get; }
}
