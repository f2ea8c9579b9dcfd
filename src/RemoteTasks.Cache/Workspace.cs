using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache;

/// <summary>What every part that changes the cache works on: the directory, its disk and options, and the lock that is held.</summary>
internal sealed record Workspace(IDisk Disk, string Directory, TaskCacheOptions Options, DirectoryLock Lock, FreshIndexes Fresh)
{
    internal string PathOf(string name) => Path.Combine(Directory, name);

    internal void SyncDirectory() => Disk.SyncDirectory(Directory);
}
