namespace RemoteTasks.Cache.Disk;

/// <summary>
/// All that the engine asks of an operating system. Two implementations: <see cref="RealDisk"/>, and a simulated
/// disk in the tests that loses, tears and reorders whatever was not synced. Nothing above this seam touches a file.
/// Names are full paths. Failures are <see cref="IOException"/> with the errno in HResult.
/// </summary>
internal interface IDisk
{
    /// <summary>This life of the kernel: another one after every power failure.</summary>
    Guid Boot { get; }

    /// <summary>Opens an existing file for reading, or returns null when there is none.</summary>
    IDiskFile? OpenRead(string path);

    /// <summary>What tells a state of a file or directory from another, without opening it; null when there is none.</summary>
    FileStamp? Stamp(string path);

    /// <summary>Opens a file for reading and writing; it must exist.</summary>
    IDiskFile OpenWrite(string path);

    /// <summary>Creates a file that must not exist yet, mode 0640.</summary>
    IDiskFile Create(string path);

    /// <summary>Replaces <paramref name="target"/> by <paramref name="source"/> in one step. Durable after <see cref="SyncDirectory"/>.</summary>
    void Rename(string source, string target);

    /// <summary>Gives a file a second name, which must be free. Durable after <see cref="SyncDirectory"/>.</summary>
    void Link(string source, string target);

    /// <summary>Removes a file; nothing happens when there is none. Durable after <see cref="SyncDirectory"/>.</summary>
    void Delete(string path);

    /// <summary>Makes creations, renames and removals in a directory durable. A failure is as final as that of <see cref="IDiskFile.Sync"/>.</summary>
    /// <exception cref="SyncException">The disk did not confirm it.</exception>
    void SyncDirectory(string path);

    /// <summary>Creates a directory (mode 0750) with its parents when missing. Durable after <see cref="SyncDirectory"/> of each one above it.</summary>
    void CreateDirectory(string path);

    /// <summary>The names of the files in a directory, in no order; empty when there is no such directory.</summary>
    IReadOnlyList<string> List(string path);

    /// <summary>Opens a lock file (created when missing) without taking a lock.</summary>
    IDiskLock OpenLock(string path);
}

/// <summary>An open file. Reads and writes name their offset; there is no hidden position.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>The file behind the name when it was opened: two opens of one unreplaced file give the same value.</summary>
    FileIdentity Identity { get; }

    /// <summary>Bytes in the file now.</summary>
    long Length { get; }

    /// <summary>What tells the file's state now from another.</summary>
    FileStamp Stamp { get; }

    /// <summary>Fills <paramref name="buffer"/> as far as the file goes; the number of bytes read, short only at the end of the file.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes all of <paramref name="bytes"/>, or throws.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Lets the disk begin with written bytes, without waiting for it. Says nothing of whether they arrive: that is for <see cref="Sync"/>.</summary>
    void SendOff(long offset, long count);

    /// <summary>Cuts or extends the file.</summary>
    void SetLength(long length);

    /// <summary>Makes the file's content durable. A failure is final: the caller must not try again, nor acknowledge anything.</summary>
    /// <exception cref="SyncException">The disk did not confirm it.</exception>
    void Sync();
}

/// <summary>
/// A disk did not confirm what was written. The kernel has dropped the pages and marked them clean: a second sync would succeed, and what is on the
/// disk nobody knows. The errno is in HResult.
/// </summary>
internal sealed class SyncException(string message, int errno) : IOException(message, errno);

/// <summary>A disk does not give a part of a file: a bad sector, or a file system whose own sums do not fit. The errno is in HResult.</summary>
internal sealed class UnreadableException(string message, int errno) : IOException(message, errno);

/// <summary>flock(2) on an open lock file: at most one mode held at a time.</summary>
internal interface IDiskLock : IDisposable
{
    /// <summary>Takes or changes to the mode; false when <paramref name="timeout"/> passed first (then nothing is held).</summary>
    bool TryTake(LockMode mode, TimeSpan timeout);
}

/// <summary>How a lock is held.</summary>
internal enum LockMode
{
    /// <summary>Many at a time.</summary>
    Shared,

    /// <summary>Alone.</summary>
    Exclusive,
}

/// <summary>Device and inode of a file.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>A state of a file. Equal ones are the same state, unless the two are a tick of the file system's clock apart.</summary>
/// <param name="Identity">Which file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Modified">When its content was last changed, in nanoseconds of the file system's clock.</param>
internal readonly record struct FileStamp(FileIdentity Identity, long Length, long Modified);
