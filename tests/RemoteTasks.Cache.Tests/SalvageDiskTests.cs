using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Files of which a disk does not give every sector.</summary>
public sealed class SalvageDiskTests : IDisposable
{
    private const int SectorBytes = 4096;

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;
    private readonly HookedDisk _disk = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // Invariants checked: whatever is asked for, and in whatever portions, bytes that can be read are the file's, and those that cannot are the same each time:
    // at least one line that nobody understands, with its end.
    [Theory]
    [InlineData(1)]
    [InlineData(3_000)]
    [InlineData(SectorBytes)]
    [InlineData(9_999)]
    [InlineData(100_000)]
    public void Sectors_that_cannot_be_read_are_lines_that_nobody_understands(int portion)
    {
        byte[] whole = [.. Enumerable.Range(0, (5 * SectorBytes) + 100).Select(i => (byte)('a' + (i % 26)))];
        using IDiskFile file = Salvaged("file", whole, 1, 3, 5);
        byte[] read = new byte[whole.Length];
        for (int at = 0; at < whole.Length; at += portion)
        {
            int wanted = Math.Min(portion, whole.Length - at);
            Assert.Equal(wanted, file.Read(at, read.AsSpan(at, wanted)));
        }

        for (int sector = 0; sector < 6; sector++)
        {
            byte[] was = whole[(sector * SectorBytes)..Math.Min(whole.Length, (sector + 1) * SectorBytes)];
            byte[] expected = sector % 2 == 0 ? was : [(byte)'\n', .. new byte[was.Length - 2], (byte)'\n'];
            Assert.Equal(expected, read[(sector * SectorBytes)..Math.Min(whole.Length, (sector + 1) * SectorBytes)]);
        }

        Assert.Equal(100, file.Read(5 * SectorBytes, new byte[1_000]));
        Assert.Equal(0, file.Read(whole.Length, new byte[10]));
        Assert.Equal(0, file.Read(whole.Length + 10, new byte[10]));
        Assert.True(((SalvageFile)file).HasMadeUp);
        Assert.Equal((0, 4_000), (SalvageFile.FirstUnreadable(file, 0), SalvageFile.FirstUnreadable(file, 4_000)));
    }

    [Theory]
    [InlineData("archive.1", true)]
    [InlineData("archive.1.zst", false)]
    [InlineData("archive.1.idx", false)]
    public void Of_what_is_not_lines_nothing_is_made_up(string name, bool isMadeUp)
    {
        using IDiskFile file = Salvaged(name, new byte[2 * SectorBytes], 1);
        Assert.Equal(SectorBytes, file.Read(0, new byte[SectorBytes]));
        IOException? error = Record.Exception(() => file.Read(0, new byte[2 * SectorBytes])) as IOException;
        Assert.Equal(isMadeUp, error is null);
        Assert.Equal(isMadeUp, ((SalvageFile)file).HasMadeUp);
    }

    [Theory]
    [InlineData("archive.1")]
    [InlineData("archive.1.zst")]
    public void What_cannot_be_read_once_is_read_again(string name)
    {
        byte[] whole = [.. Enumerable.Range(0, 3 * SectorBytes).Select(i => (byte)i)];
        using IDiskFile file = Salvaged(name, whole);
        int reads = 0;
        _disk.Hook = _ =>
        {
            if (reads++ == 0)
                throw new IOException("Input/output error", 5);
        };
        byte[] read = new byte[whole.Length];
        Assert.Equal(whole.Length, file.Read(0, read));
        Assert.Equal(whole, read);
        Assert.False(((SalvageFile)file).HasMadeUp);
        Assert.Null(SalvageFile.FirstUnreadable(file, 0));
    }

    // As a frame is read that has no blocks: from anywhere, in large pieces.
    [Fact]
    public void A_stream_gives_what_lies_before_a_bad_sector()
    {
        byte[] whole = [.. Enumerable.Range(0, 4 * SectorBytes).Select(i => (byte)(i % 251))];
        using IDiskFile file = Salvaged("archive.1.zst", whole, 2);
        using var stream = new DiskStream(file, whole.Length);
        byte[] buffer = new byte[whole.Length];
        stream.Position = 100;
        int at = 100;
        for (int read; at < 2 * SectorBytes; at += read)
        {
            read = stream.Read(buffer, at, whole.Length - at);
            Assert.InRange(read, 1, (2 * SectorBytes) - at);
        }

        Assert.Equal(whole[100..at], buffer[100..at]);
        Assert.Equal(2 * SectorBytes, at);
        Assert.ThrowsAny<IOException>(() => stream.Read(buffer, 0, SectorBytes));
        Assert.ThrowsAny<IOException>(() => stream.Read(buffer, 0, 2 * SectorBytes));
        stream.Position = 3 * SectorBytes;
        Assert.Equal(SectorBytes, stream.Read(buffer));
    }

    // The same sectors may be met any number of times.
    [Fact]
    public void A_disk_that_gives_next_to_nothing_is_an_error()
    {
        const int SectorsMax = 256;
        using IDiskFile file = Salvaged("file", new byte[(SectorsMax + 1) * SectorBytes], [.. Enumerable.Range(0, SectorsMax + 1)]);
        for (int i = 0; i < 3; i++)
            Assert.Equal(SectorsMax * SectorBytes, file.Read(0, new byte[SectorsMax * SectorBytes]));
        Assert.ThrowsAny<IOException>(() => file.Read(SectorsMax * SectorBytes, new byte[1]));
    }

    // Everything else is the disk's.
    [Fact]
    public void Files_are_made_and_changed_as_on_the_disk_itself()
    {
        var disk = new SalvageDisk(_disk);
        string path = Path.Combine(_directory, "file");
        var calls = new List<string>();
        _disk.Hook = calls.Add;
        using (IDiskFile file = disk.Create(path))
            file.Write(0, "content"u8);
        using (IDiskFile file = disk.OpenWrite(path))
        {
            file.Write(7, "!!"u8);
            file.SendOff(0, 9);
            file.SetLength(8);
            file.Sync();
            Assert.Equal((8, file.Identity), (file.Length, file.Stamp.Identity));
        }

        disk.Link(path, path + "2");
        disk.Rename(path, path + "3");
        disk.Delete(path + "2");
        disk.SyncDirectory(_directory);
        disk.CreateDirectory(Path.Combine(_directory, "inside"));
        Assert.Equal(["file3"], disk.List(_directory));
        Assert.Equal("content!", File.ReadAllText(path + "3"));
        Assert.Equal((8, _disk.Boot), (disk.Stamp(path + "3")!.Value.Length, disk.Boot));
        Assert.Null(disk.OpenRead(path));
        using (IDiskLock held = disk.OpenLock(path))
            Assert.True(held.TryTake(LockMode.Exclusive, TimeSpan.Zero));
        Assert.Equal(["write file", "write file", "send file", "cut file", "sync file", "link file2", "rename file3", "delete file2"], calls.Take(8));
    }

    private IDiskFile Salvaged(string name, byte[] content, params int[] badSectors)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, content);
        _disk.IsUnreadable = (_, offset, count) => badSectors.Any(sector => offset < (sector + 1) * SectorBytes && offset + Math.Min(count, content.Length) > sector * SectorBytes);
        return new SalvageDisk(_disk).OpenRead(path)!;
    }
}
