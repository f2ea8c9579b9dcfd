using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>A disk that does not give some sectors of some files, and a cache of one archive of several blocks and sectors on it.</summary>
internal sealed class BadSectors
{
    internal const int SectorBytes = 4096;
    internal const int Tasks = 1_200;

    internal HookedDisk Disk { get; } = new();

    internal static IEnumerable<long> All => Enumerable.Range(10_000, Tasks).Select(start => (long)start);

    internal TempCache New(int plainFiles) => new(100_000, TempCache.Small with { Disk = Disk, InitialFiles = 1, PlainFiles = plainFiles });

    internal TempCache Filled(int plainFiles = 0)
    {
        TempCache cache = New(plainFiles);
        cache.Add([.. All.Select(start => Some.Finished(start))]);
        cache.Apply();
        return cache;
    }

    /// <summary>A sector of a file goes bad, for whoever has the file open too; one that takes its place is good.</summary>
    internal void Spoil(TempCache cache, string file, int sector)
    {
        FileIdentity identity = RealDisk.Instance.Stamp(cache.PathOf(file))!.Value.Identity;
        long length = new FileInfo(cache.PathOf(file)).Length;
        Assert.True(length > sector * SectorBytes, $"'{file}' has {length} bytes");
        Disk.IsUnreadable = (spoiled, offset, count) =>
            spoiled == identity && offset < Math.Min(length, (sector + 1) * SectorBytes) && offset + count > sector * SectorBytes;
    }
}
