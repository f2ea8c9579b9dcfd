using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Which archives a directory has, and which of them a task belongs to, by their names alone.</summary>
public sealed class ArchiveListTests
{
    [Fact]
    public void Archives_are_listed_newest_first_and_the_compressed_one_of_two_counts()
    {
        using TempCache cache = With("archive.9", "archive.100.zst", "archive.20", "archive.20.zst", "archive.100.idx", "archive.7.tmp", "journal");
        ArchiveList list = ArchiveList.Read(RealDisk.Instance, cache.Path);
        Assert.Equal(["archive.100.zst", "archive.20.zst", "archive.9"], list.Names.Select(name => name.ToString()));
        Assert.Equal(["archive.20"], list.Superseded.Select(name => name.ToString()));
        Assert.Equal([long.MaxValue, 100, 20], Enumerable.Range(0, 3).Select(list.UpperBound));

        ArchiveList without = list.Without([new ArchiveName(100, Compressed: true)]);
        Assert.Equal(["archive.20.zst", "archive.9"], without.Names.Select(name => name.ToString()));
        Assert.Equal(["archive.20"], without.Superseded.Select(name => name.ToString()));
        Assert.Equal([long.MaxValue, 20], Enumerable.Range(0, 2).Select(without.UpperBound));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_task_belongs_to_the_newest_archive_that_begins_before_it_and_to_the_oldest_where_none_does(int archives)
    {
        long[] epochs = [.. Enumerable.Range(1, archives).Select(i => i * 10L)];
        using TempCache cache = With([.. epochs.Select(epoch => $"archive.{epoch}")]);
        ArchiveList list = ArchiveList.Read(RealDisk.Instance, cache.Path);
        for (long start = 0; start < (archives + 2) * 10; start++)
        {
            int owner = Array.FindIndex([.. list.Names], name => name.Epoch <= start);
            Assert.Equal(owner < 0 ? Math.Max(0, archives - 1) : owner, list.OwnerOf(start));
        }
    }

    // The second file cannot be opened: the first must not stay open.
    [Fact]
    public void Where_one_archive_cannot_be_opened_none_stays_open()
    {
        using TempCache cache = With("archive.10", "archive.20");
        int open = OpenFiles();
        var disk = new HookedDisk { Hides = file => file == "archive.10" ? throw new IOException("Input/output error") : false };
        Assert.Throws<IOException>(() => OpenArchives.Open(disk, cache.Path).Dispose());
        Assert.Equal(open, OpenFiles());

        int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(cache.Path, StringComparison.Ordinal) == true);
    }

    private static TempCache With(params string[] files)
    {
        var cache = new TempCache { IsDamaged = true };
        Directory.CreateDirectory(cache.Path);
        foreach (string file in files)
            File.WriteAllBytes(cache.PathOf(file), []);
        return cache;
    }
}
