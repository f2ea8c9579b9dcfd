using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests;

/// <summary>What the real disk says: what is not there is a value, what cannot be done an error with its path.</summary>
public sealed class RealDiskTests : IDisposable
{
    private static readonly RealDisk Disk = RealDisk.Instance;

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;

    private string Missing => Path.Combine(_directory, "missing");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_not_there_is_told_without_an_error()
    {
        Assert.Null(Disk.OpenRead(Missing));
        Assert.Null(Disk.Stamp(Missing));
        Assert.Null(FileOwner.Of(Missing));
        Assert.Empty(Disk.List(Missing));
        Disk.Delete(Missing);
        Assert.Equal(Missing, RealDisk.FinalTarget(Missing));
    }

    [Fact]
    public void What_needs_a_file_says_that_there_is_none()
    {
        const int NoEntry = 2;
        (string Action, Action Call)[] calls =
        [
            ("open", () => Disk.OpenWrite(Missing)),
            ("open", () => Disk.SyncDirectory(Missing)),
            ("create", () => Disk.Create(Path.Combine(Missing, "file"))),
            ("rename to", () => Disk.Rename(Missing, Missing + "2")),
            ("give another name to", () => Disk.Link(Missing, Missing + "2")),
            ("open the lock", () => RealDisk.OpenDirectoryLock(Missing)),
            ("open the lock", () => Disk.OpenLock(Path.Combine(Missing, ".lock"))),
        ];
        foreach ((string action, Action call) in calls)
        {
            IOException error = Assert.Throws<IOException>(call);
            Assert.Equal(NoEntry, error.HResult);
            Assert.StartsWith($"Cannot {action} '{Missing}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_where_a_directory_should_be_is_an_error()
    {
        string file = Write("file");
        string inside = Path.Combine(file, "inside");
        Assert.Throws<IOException>(() => Disk.Stamp(inside));
        Assert.Throws<IOException>(() => Disk.OpenRead(inside));
        Assert.Throws<IOException>(() => Disk.Delete(inside));
        Assert.Throws<IOException>(() => FileOwner.Of(inside));
        Assert.Throws<IOException>(() => Disk.CreateDirectory(inside));
        Assert.StartsWith($"Cannot open '{file}'", Assert.Throws<IOException>(() => Disk.SyncDirectory(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_never_followed_and_a_file_that_is_there_never_made_anew()
    {
        string file = Write("file");
        string link = Path.Combine(_directory, "link");
        File.CreateSymbolicLink(link, file);
        Assert.StartsWith($"Cannot open '{link}", Assert.Throws<IOException>(() => Disk.OpenRead(link)).Message, StringComparison.Ordinal);
        Assert.StartsWith($"Cannot open '{link}", Assert.Throws<IOException>(() => Disk.OpenWrite(link)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => Disk.OpenLock(link));
        Assert.StartsWith($"Cannot create '{file}", Assert.Throws<IOException>(() => Disk.Create(file)).Message, StringComparison.Ordinal);
        Assert.Equal("content", File.ReadAllText(file));
        File.CreateSymbolicLink(link + "2", link);
        Assert.Equal((file, file), (RealDisk.FinalTarget(link), RealDisk.FinalTarget(link + "2")));
    }

    [Fact]
    public void Directories_are_made_with_those_above_them_and_again_without_an_error()
    {
        string deep = Path.Combine(_directory, "a", "b", "c");
        Disk.CreateDirectory(deep);
        Disk.CreateDirectory(deep);
        Assert.True(Directory.Exists(deep));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(deep) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
    }

    [Fact]
    public void Bytes_are_read_where_they_were_written_and_no_further_than_the_end()
    {
        string path = Path.Combine(_directory, "file");
        using IDiskFile file = Disk.Create(path);
        file.Write(3, "defgh"u8);
        file.Write(0, "abc"u8);
        file.Sync();
        byte[] buffer = new byte[10];
        Assert.Equal(6, file.Read(2, buffer));
        Assert.Equal("cdefgh"u8, buffer.AsSpan(0, 6));
        Assert.Equal(0, file.Read(8, buffer));
        file.SetLength(4);
        Assert.Equal((4L, file.Stamp), (file.Length, Disk.Stamp(path)!.Value));
        Assert.Equal((File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).Ticks, file.Stamp.Modified / 100);
        Assert.Equal(file.Identity, file.Stamp.Identity);
    }

    [Fact]
    public void A_file_that_is_open_for_reading_is_not_written_to()
    {
        using IDiskFile file = Disk.OpenRead(Write("file"))!;
        Assert.Contains("Cannot write to", Assert.Throws<IOException>(() => file.Write(0, "x"u8)).Message, StringComparison.Ordinal);
        Assert.Contains("Cannot cut", Assert.Throws<IOException>(() => file.SetLength(1)).Message, StringComparison.Ordinal);
        using IDiskFile directory = Disk.OpenRead(_directory)!;
        Assert.Contains("Cannot read", Assert.Throws<IOException>(() => directory.Read(0, new byte[1])).Message, StringComparison.Ordinal);
    }

    // What the disk did not confirm is its own kind of error: nothing may be written any more after it.
    [Fact]
    public void A_sync_that_fails_is_told_as_such()
    {
        using IDiskFile file = Disk.OpenWrite("/dev/null");
        SyncException error = Assert.Throws<SyncException>(file.Sync);
        Assert.Contains("Cannot sync '/dev/null'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_file_that_was_read_is_closed_a_little_later_and_a_small_one_at_once()
    {
        string small = Write("small");
        string large = Write("large");
        using (IDiskFile file = Disk.OpenWrite(large))
            file.SetLength(1 << 20);
        Disk.OpenRead(small)!.Dispose();
        IDiskFile read = Disk.OpenRead(large)!;
        read.Dispose();
        Assert.DoesNotContain(small, OpenPaths());
        Assert.Contains(large, OpenPaths());
        Assert.True(SpinWait.SpinUntil(() => !OpenPaths().Contains(large), TimeSpan.FromSeconds(20)));
        read.Dispose();
    }

    [Fact]
    public void A_file_given_to_its_own_user_is_made_and_its_owner_has_a_name()
    {
        string path = Path.Combine(_directory, "file");
        FileOwner owner = FileOwner.Of(_directory)!.Value;
        RealDisk.CreateFile(path, 0x180, owner).Dispose();
        Assert.Equal(owner, FileOwner.Of(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("root", new FileOwner(0, 0).Name);
        Assert.Equal("'#4294967294'", new FileOwner(4294967294, 0).Name);
    }

    private static string[] OpenPaths() =>
        [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()];

    private string Write(string name)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, "content");
        return path;
    }
}
