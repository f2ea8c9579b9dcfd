using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>A cache of one compressed archive with its index, and what stands in both.</summary>
internal static class OneArchive
{
    internal static TempCache Of(TaskRecord[] tasks, IDisk? disk = null)
    {
        var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = 64 << 20, Disk = disk ?? RealDisk.Instance });
        cache.Add(tasks);
        cache.Apply();
        return cache;
    }

    /// <summary>So many tasks, one a second from 0 on.</summary>
    internal static TempCache Of(int tasks, IDisk? disk = null) => Of([.. Enumerable.Range(0, tasks).Select(start => Some.Finished(start))], disk);

    internal static ArchiveName NameOf(TempCache cache) => Assert.Single(ArchiveList.Read(RealDisk.Instance, cache.Path).Names);

    internal static string PathOf(TempCache cache) => cache.PathOf(NameOf(cache).ToString());

    internal static string IndexPathOf(TempCache cache) => cache.PathOf(IndexFile.NameOf(NameOf(cache).Epoch));

    internal static IndexLoader Loader(TempCache cache, IDisk? disk = null) => new(
        disk ?? RealDisk.Instance, cache.Path, new ByteCache<BlockKey, DecodedBlock>(1 << 20), new ByteCache<PartKey, object>(1 << 20), new FreshIndexes());

    /// <summary>What the archive says when it is opened anew.</summary>
    internal static T Using<T>(TempCache cache, Func<ArchiveIndex, T> ask, IDisk? disk = null)
    {
        IndexLoader loader = Loader(cache, disk);
        ArchiveIndex archive = loader.Load(loader.TryOpen(NameOf(cache))!, Some.AnyTime);
        try
        {
            return ask(archive);
        }
        finally
        {
            archive.Release();
        }
    }

    internal static IndexData DataOf(TempCache cache) => Using(cache, static archive => new IndexData(
        archive.Rows, archive.Columns.All(), archive.Columns.Dictionaries(), [.. Enumerable.Range(0, archive.Table!.Count).Select(block => archive.RowsOf(block).From)]));

    /// <summary>Puts an index beside the archive that is the archive's as far as sums tell.</summary>
    internal static void Write(TempCache cache, IndexData data)
    {
        using IDiskFile archive = RealDisk.Instance.OpenRead(PathOf(cache))!;
        using var file = new AtomicFile(RealDisk.Instance, cache.Path);
        IndexFile.Write(data, archive.Length, IndexLoader.Digest(archive), file);
        file.Sync();
        file.Place(IndexFile.NameOf(NameOf(cache).Epoch));
        cache.Reopen();
    }

    /// <summary>Writes a file as it was, but for one bit.</summary>
    internal static void Flip(string path, byte[] whole, long at)
    {
        byte[] bytes = [.. whole];
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }
}
