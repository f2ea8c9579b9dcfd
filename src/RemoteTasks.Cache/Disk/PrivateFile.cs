namespace RemoteTasks.Cache.Disk;

/// <summary>A small file with secrets, which its owner alone may read: replaced as a whole, and durable when the call returns.</summary>
public static class PrivateFile
{
    private const int OwnerOnly = 0x180; // 0600

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Keeps out others who would change the file, or another one in its directory: from before it is read until it is replaced.</summary>
    /// <exception cref="IOException">It has no directory, or somebody else changes it for longer than a person would wait.</exception>
    public static IDisposable Lock(string path) => Lock(path, Patience);

    internal static IDisposable Lock(string path, TimeSpan patience)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string directory = Path.GetDirectoryName(TargetOf(path))!;
        IDiskLock @lock = RealDisk.OpenDirectoryLock(directory);
        if (@lock.TryTake(LockMode.Exclusive, patience))
            return @lock;
        @lock.Dispose();
        throw new IOException(
            $"Another program changes '{path}', or a file beside it, for more than {patience.TotalSeconds:0.#} s. Wait for it to end, and try again.");
    }

    /// <summary>Sees whether the file can be made or replaced, before something is done that should not be done otherwise.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public static void EnsureReplaceable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string target = TargetOf(path);
        string temporary = TemporaryFor(target);
        try
        {
            RealDisk.CreateFile(temporary, OwnerOnly, OwnerFor(target)).Dispose();
        }
        finally
        {
            TryDelete(RealDisk.Instance, temporary);
        }
    }

    /// <summary>
    /// Makes or replaces the file. Where the name is a link, what it leads to is replaced. It stays with its owner and group; a new
    /// one that root makes goes to those of its directory, whose programs are to read it.
    /// </summary>
    /// <exception cref="IOException">It is as it was; or it has its new content, and the disk did not confirm its name: the message says so.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string target = TargetOf(path);
        Replace(RealDisk.Instance, TemporaryFor(target), target, content);
    }

    internal static void Replace(IDisk disk, string temporary, string target, ReadOnlySpan<byte> content)
    {
        try
        {
            using (IDiskFile file = RealDisk.CreateFile(temporary, OwnerOnly, OwnerFor(target)))
            {
                file.Write(0, content);
                file.Sync();
            }

            disk.Rename(temporary, target);
        }
        catch
        {
            TryDelete(disk, temporary);
            throw;
        }

        try
        {
            disk.SyncDirectory(Path.GetDirectoryName(target)!);
        }
        catch (IOException error)
        {
            throw new IOException($"'{target}' has its new content, but it may not survive a power failure: {error.Message}", error);
        }
    }

    private static string TemporaryFor(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Random.Shared.NextInt64():x16}.tmp");

    /// <summary>Null: whoever makes it has it.</summary>
    private static FileOwner? OwnerFor(string target) =>
        FileOwner.Of(target) ?? (Environment.IsPrivilegedProcess ? FileOwner.Of(Path.GetDirectoryName(target)!) : null);

    private static string TargetOf(string path) => Path.GetFullPath(RealDisk.FinalTarget(path));

    /// <summary>What went wrong first is what is told.</summary>
    private static void TryDelete(IDisk disk, string path)
    {
        try
        {
            disk.Delete(path);
        }
        catch (IOException)
        {
            // It stays, readable by its owner alone.
        }
    }
}
