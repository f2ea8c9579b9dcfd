using System.Text.RegularExpressions;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What the real disk asks the kernel for, and what it makes of answers that are rare.</summary>
public sealed class RealCallsTests : IDisposable
{
    private const int InputOutputError = 5;

    private static readonly RealDisk Disk = RealDisk.Instance;

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;

    private string FilePath => Path.Combine(_directory, "file");

    public RealCallsTests()
    {
        TracedThread.SkipIfMissing();
        WarmUp();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_directory_is_made_with_each_of_those_above_it()
    {
        IEnumerable<string> made = Calls(() => Disk.CreateDirectory(Path.Combine(_directory, "a", "b")), "mkdir,fsync");
        Assert.Equal(["mkdir \"a\", 0750", "mkdir \"a/b\", 0750"], made);
    }

    [Fact]
    public void A_private_file_is_synced_then_named_then_its_name_is_synced()
    {
        IEnumerable<string> calls = Calls(() => PrivateFile.Replace(FilePath, "secret"u8), "openat,pwrite64,fsync,rename,unlink");
        Assert.Equal(
            [
                "openat AT_FDCWD<cwd>, \"tmp\", O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600",
                "pwrite64 3<tmp>, \"secret\", 6, 0",
                "fsync 3<tmp>",
                "rename \"tmp\", \"file\"",
                "openat AT_FDCWD<cwd>, \".\", O_RDONLY|O_CLOEXEC|O_DIRECTORY",
                "fsync 3<.>",
            ],
            calls);
        Assert.Equal("secret", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Whether_a_private_file_can_be_replaced_is_tried_and_leaves_nothing()
    {
        Assert.Equal(
            ["openat AT_FDCWD<cwd>, \"tmp\", O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600", "unlink \"tmp\""],
            Calls(() => PrivateFile.EnsureReplaceable(FilePath), "openat,unlink"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    // Links are followed by nobody but who says so, and no child process inherits a file.
    [Fact]
    public void Files_are_opened_for_no_more_than_is_done_with_them()
    {
        File.WriteAllText(FilePath, "content");
        IEnumerable<string> calls = Calls(
            () =>
            {
                Disk.OpenRead(FilePath)!.Dispose();
                Disk.OpenWrite(FilePath).Dispose();
                Disk.Create(Path.Combine(_directory, "new")).Dispose();
                Disk.OpenLock(Path.Combine(_directory, ".lock")).Dispose();
                RealDisk.OpenDirectoryLock(_directory).Dispose();
                Disk.SyncDirectory(_directory);
            },
            "openat");
        Assert.Equal(
            [
                "openat AT_FDCWD<cwd>, \"file\", O_RDONLY|O_NOFOLLOW|O_CLOEXEC",
                "openat AT_FDCWD<cwd>, \"file\", O_RDWR|O_NOFOLLOW|O_CLOEXEC",
                "openat AT_FDCWD<cwd>, \"new\", O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0640",
                "openat AT_FDCWD<cwd>, \".lock\", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0640",
                "openat AT_FDCWD<cwd>, \".\", O_RDONLY|O_NOFOLLOW|O_CLOEXEC|O_DIRECTORY",
                "openat AT_FDCWD<cwd>, \".\", O_RDONLY|O_CLOEXEC|O_DIRECTORY",
            ],
            calls);
    }

    [Fact]
    public void A_call_that_a_signal_interrupts_is_made_again()
    {
        using IDiskFile file = Disk.Create(FilePath);
        byte[] read = new byte[7];
        (string Call, Action Act)[] calls =
        [
            ("pwrite64", () => file.Write(0, "content"u8)),
            ("pread64", () => Assert.Equal(7, file.Read(0, read))),
            ("fsync", file.Sync),
            ("ftruncate", () => file.SetLength(7)),
            ("sync_file_range", () => file.SendOff(0, 7)),
            ("openat", () => Disk.OpenRead(FilePath)!.Dispose()),
            ("rename", () => Disk.Rename(FilePath, FilePath)),
            ("unlink", () => Disk.Delete(FilePath + ".missing")),
            ("mkdir", () => Disk.CreateDirectory(FilePath + ".directory")),
        ];
        foreach ((string call, Action act) in calls)
            Assert.Equal([call, call], TracedThread.Watch(act, call, $"{call}:error=EINTR:when=1").Select(made => made.Name));
        Assert.Equal("content"u8, read);
    }

    [Fact]
    public void What_was_written_in_part_goes_on_where_it_stopped()
    {
        using IDiskFile file = Disk.Create(FilePath);
        Assert.Equal(
            ["pwrite64 3<file>, \"abcdefgh\", 8, 10", "pwrite64 3<file>, \"defgh\", 5, 13"],
            Calls(() => file.Write(10, "abcdefgh"u8), "pwrite64", "pwrite64:retval=3:when=1"));
    }

    [Fact]
    public void What_was_read_in_part_goes_on_where_it_stopped_and_ends_where_there_is_no_more()
    {
        File.WriteAllText(FilePath, "0123456789");
        using IDiskFile file = Disk.OpenRead(FilePath)!;
        byte[] buffer = new byte[8];
        int read = 0;
        IReadOnlyList<TracedCall> calls = TracedThread.Watch(() => read = file.Read(1, buffer), "pread64", "pread64:retval=3:when=1");
        Assert.Equal((8, 2), (read, calls.Count));
        Assert.EndsWith(", 8, 1", calls[0].Arguments, StringComparison.Ordinal);
        Assert.EndsWith("\"45678\", 5, 4", calls[1].Arguments, StringComparison.Ordinal);
        Assert.Equal("45678"u8, buffer.AsSpan(3));
        calls = TracedThread.Watch(() => read = file.Read(8, buffer), "pread64");
        Assert.Equal((2, 2), (read, calls.Count));
        Assert.Equal([2, 0], calls.Select(call => call.Result));
    }

    [Fact]
    public void The_disk_may_begin_early_and_need_not()
    {
        using IDiskFile file = Disk.Create(FilePath);
        Assert.Equal(["sync_file_range 3<file>, 4, 8, SYNC_FILE_RANGE_WRITE"], Calls(() => file.SendOff(4, 8), "sync_file_range"));
        Calls(() => file.SendOff(4, 8), "sync_file_range", "sync_file_range:error=ENOSYS");
    }

    [Fact]
    public void What_is_sent_off_is_what_was_not_yet()
    {
        using var file = new AtomicFile(Disk, _directory);
        IEnumerable<string> calls = Calls(
            () =>
            {
                file.Append(new byte[2 << 20]);
                file.SendOff();
                file.Append(new byte[1 << 20]);
                file.SendOff();
            },
            "sync_file_range");
        Assert.Equal(["sync_file_range 3<tmp>, 0, 2097152, SYNC_FILE_RANGE_WRITE", "sync_file_range 3<tmp>, 2097152, 1048576, SYNC_FILE_RANGE_WRITE"], calls);
    }

    [Theory]
    [InlineData("newfstatat", "read the state of")]
    [InlineData("statx", "read the owner of")]
    [InlineData("flock", "lock")]
    [InlineData("pread64", "read")]
    [InlineData("fsync", "sync the directory")]
    [InlineData("unlink", "remove")]
    [InlineData("mkdir", "create the directory")]
    [InlineData("fchown", "give to user 12, group 34,")]
    public void An_error_of_the_kernel_says_what_could_not_be_done_with_which_file(string call, string action)
    {
        Disk.Create(FilePath).Dispose();
        Action act = call switch
        {
            "newfstatat" => () => Disk.Stamp(FilePath),
            "statx" => () => FileOwner.Of(FilePath),
            "flock" => () => Lock(FilePath),
            "pread64" => () => ReadByte(FilePath),
            "fsync" => () => Disk.SyncDirectory(_directory),
            "unlink" => () => Disk.Delete(FilePath),
            "mkdir" => () => Disk.CreateDirectory(FilePath),
            _ => () => RealDisk.CreateFile(Path.Combine(_directory, "other"), 0x180, new FileOwner(12, 34)),
        };
        IOException? error = null;
        TracedThread.Watch(() => error = Record.Exception(act) as IOException, call, $"{call}:error=EIO");
        Assert.StartsWith($"Cannot {action} '{_directory}", error?.Message, StringComparison.Ordinal);
        Assert.Equal((call == "fsync", call == "pread64"), (error is SyncException, error is UnreadableException));
        Assert.Equal(InputOutputError, error!.HResult);
        Assert.DoesNotContain(_directory, OpenPaths());
        Assert.DoesNotContain(Path.Combine(_directory, "other"), OpenPaths());
    }

    // A user's own file may be of a group that he has left.
    [Fact]
    public void A_file_that_cannot_be_given_to_a_group_is_made_when_it_is_its_users_own()
    {
        Disk.Create(FilePath).Dispose();
        uint own = FileOwner.Of(FilePath)!.Value.User;
        string path = Path.Combine(_directory, "other");
        Assert.Single(TracedThread.Watch(() => RealDisk.CreateFile(path, 0x180, new FileOwner(own, 34)).Dispose(), "fchown", "fchown:error=EPERM"));
        Assert.True(File.Exists(path));
    }

    // So a file system becomes that met an error.
    [Fact]
    public void A_lock_on_what_can_only_be_read_is_opened_for_reading()
    {
        string path = Path.Combine(_directory, ".lock");
        File.WriteAllText(path, "");
        IEnumerable<string> calls = Calls(() => Disk.OpenLock(path).Dispose(), "openat", "openat:error=EROFS:when=1");
        Assert.Equal("openat AT_FDCWD<cwd>, \".lock\", O_RDONLY|O_NOFOLLOW|O_CLOEXEC", calls.Last());
        Assert.Equal(2, calls.Count());
        IOException? error = null;
        TracedThread.Watch(() => error = Record.Exception(() => Disk.OpenLock(path)) as IOException, "openat", "openat:error=EIO:when=1");
        Assert.StartsWith($"Cannot open the lock '{path}'", error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_is_tried_again_until_it_is_free_or_time_is_up()
    {
        File.WriteAllText(FilePath, "");
        using IDiskLock held = Disk.OpenLock(FilePath);
        Assert.True(held.TryTake(LockMode.Exclusive, TimeSpan.Zero));
        using IDiskLock wanted = Disk.OpenLock(FilePath);
        Assert.Single(TracedThread.Watch(() => Assert.False(wanted.TryTake(LockMode.Shared, TimeSpan.Zero)), "flock"));
        int tries = TracedThread.Watch(() => Assert.False(wanted.TryTake(LockMode.Shared, TimeSpan.FromMilliseconds(300))), "flock").Count;

        // Waits grow from 1 ms to 25 ms, each between its half and its whole.
        Assert.InRange(tries, 3, 40);
    }

    [Fact]
    public void The_life_of_the_kernel_is_what_it_says_it_is() =>
        Assert.Equal(Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id")), Disk.Boot);

    private static void Lock(string path)
    {
        using IDiskLock @lock = Disk.OpenLock(path);
        @lock.TryTake(LockMode.Shared, TimeSpan.Zero);
    }

    /// <summary>What is used for the first time makes the runtime open libraries on the same thread.</summary>
    private void WarmUp()
    {
        string directory = Path.Combine(_directory, "warm", "up");
        string file = Path.Combine(directory, "file");
        Disk.CreateDirectory(directory);
        using (IDiskFile made = RealDisk.CreateFile(file, 0x180, FileOwner.Of(directory)))
        {
            made.Write(0, "content"u8);
            made.SendOff(0, 7);
            made.Sync();
            made.SetLength(3);
            made.Read(0, new byte[3]);
        }

        PrivateFile.EnsureReplaceable(file);
        PrivateFile.Replace(file, "content"u8);
        Disk.Rename(file, file);
        Disk.OpenWrite(file).Dispose();
        Disk.OpenRead(file)!.Dispose();
        Disk.Stamp(file);
        Lock(file);
        RealDisk.OpenDirectoryLock(directory).Dispose();
        Disk.Delete(file);
        Assert.Throws<IOException>(() => Disk.OpenWrite(file));
        using (var sent = new AtomicFile(Disk, directory))
            sent.SendOff(bytesMin: 0);
        TracedThread.Watch(() => Disk.SyncDirectory(directory), "fsync", "fsync:error=EINTR:when=1");
        Directory.Delete(Path.GetDirectoryName(directory)!, recursive: true);
    }

    /// <summary>Calls that succeeded, with one descriptor for all and one name for what is temporary.</summary>
    private string[] Calls(Action act, string calls, string? inject = null) =>
    [
        .. TracedThread.Watch(act, calls, inject).Where(call => call.Result >= 0 || inject is not null).Select(call => Simple(call.In(_directory))),
    ];

    private static string Simple(string call)
    {
        call = Regex.Replace(call, @"(?:\.[\w.]+\.)?[0-9a-f]{16}\.tmp", "tmp", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
        call = Regex.Replace(call, @"AT_FDCWD<[^>]*>", "AT_FDCWD<cwd>", default, TimeSpan.FromSeconds(10));
        return Regex.Replace(call, @"(?<= )\d+(?=<)", "3", default, TimeSpan.FromSeconds(10));
    }

    private static void ReadByte(string path)
    {
        using IDiskFile file = Disk.OpenRead(path)!;
        file.Read(0, new byte[1]);
    }

    private static string[] OpenPaths() =>
        [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()];
}
