namespace RemoteTasks.Cache.Disk;

/// <summary>A small file with secrets, which its owner alone may read: replaced as a whole, and durable when the call returns.</summary>
public static class PrivateFile
{
    private const int OwnerOnly = 0x180; // 0600

    /// <summary>Makes or replaces the file. Where the name is a link, what it leads to is replaced.</summary>
    /// <exception cref="IOException">It is as it was; or it was replaced, but the disk did not confirm its name, as the message says.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string target = Path.GetFullPath(RealDisk.FinalTarget(path));
        string directory = Path.GetDirectoryName(target)!;
        string temporary = Path.Combine(directory, $".{Path.GetFileName(target)}.{Random.Shared.NextInt64():x16}.tmp");
        RealDisk disk = RealDisk.Instance;
        try
        {
            using (IDiskFile file = RealDisk.CreateFile(temporary, OwnerOnly))
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

        disk.SyncDirectory(directory);
    }

    /// <summary>What went wrong first is what is told.</summary>
    private static void TryDelete(RealDisk disk, string path)
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
