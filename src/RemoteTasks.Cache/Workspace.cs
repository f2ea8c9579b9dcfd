using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache;

/// <summary>What every part that changes the cache works on: the directory, its disk and options, and the lock that is held.</summary>
internal sealed record Workspace(IDisk Disk, string Directory, TaskCacheOptions Options, DirectoryLock Lock, FreshIndexes Fresh)
{
    internal string PathOf(string name) => Path.Combine(Directory, name);

    internal void SyncDirectory() => Disk.SyncDirectory(Directory);

    /// <summary>Makes the name of the directory durable, and those that lead to it. Where it is mounted, and what may not be read, was not made with it.</summary>
    internal void SyncParents()
    {
        ulong? device = Disk.Stamp(Directory)?.Identity.Device;
        try
        {
            for (string? parent = Path.GetDirectoryName(Directory); !string.IsNullOrEmpty(parent) && Disk.Stamp(parent)?.Identity.Device == device; parent = Path.GetDirectoryName(parent))
                Disk.SyncDirectory(parent);
        }
        catch (IOException error) when (DiskErrors.IsForbidden(error))
        {
        }
    }
}
