using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

public sealed class PrivateFileTests : IDisposable
{
    // Invariants checked: an error says which content the file has; nothing but the file is left.
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("rename", "old")]
    [InlineData("syncdir", "new")]
    public void An_error_says_which_content_the_file_has(string failing, string content)
    {
        string path = Path.Combine(_directory, "remotes.json");
        PrivateFile.Replace(path, "old"u8);
        var disk = new HookedDisk { Hook = call => ThrowIf(call.StartsWith(failing, StringComparison.Ordinal)) };
        IOException error = Assert.Throws<IOException>(() => PrivateFile.Replace(disk, path + ".tmp", path, "new"u8));
        Assert.Equal(content, File.ReadAllText(path));
        Assert.Equal(content == "new", error.Message.Contains($"'{path}' has its new content, but it may not survive a power failure", StringComparison.Ordinal));
        Assert.Contains("no more", error.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task Whoever_changes_a_file_keeps_others_out_until_it_is_done()
    {
        string path = Path.Combine(_directory, "remotes.json");
        IDisposable first = PrivateFile.Lock(path);
        Task<IDisposable> second = Task.Run(() => PrivateFile.Lock(Path.Combine(_directory, "beside.json")));
        await Assert.ThrowsAsync<TimeoutException>(() => second.WaitAsync(TimeSpan.FromMilliseconds(100)));
        PrivateFile.Replace(path, "new"u8);
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
        PrivateFile.Lock(path).Dispose();
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void Whoever_waits_in_vain_is_told_for_which_file_and_leaves_nothing_open()
    {
        string path = Path.Combine(_directory, "remotes.json");
        using (PrivateFile.Lock(path))
        {
            IOException error = Assert.Throws<IOException>(() => PrivateFile.Lock(path, TimeSpan.FromMilliseconds(100)));
            Assert.Contains($"'{path}', or a file beside it, for more than 0.1 s", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, OpenFiles());
        }

        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public void What_has_no_name_is_refused()
    {
        Assert.Throws<ArgumentException>("path", () => PrivateFile.Lock(""));
        Assert.Throws<ArgumentException>("path", () => PrivateFile.Replace("", "new"u8));
        Assert.Throws<ArgumentException>("path", () => PrivateFile.EnsureReplaceable(""));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_root_makes_belongs_to_who_is_to_read_it(bool isThere)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "NOT CHECKED: whose a file is that root makes. Only root can try: run the tests as root.");
        string path = Path.Combine(_directory, "remotes.json");
        var theDirectorys = new FileOwner(12, 34);
        var theFiles = new FileOwner(56, 78);
        if (isThere)
            RealDisk.CreateFile(path, 0x180, theFiles).Dispose();
        using (var chown = System.Diagnostics.Process.Start("chown", [$"{theDirectorys.User}:{theDirectorys.Group}", _directory]))
            chown.WaitForExit();
        PrivateFile.Replace(path, "new"u8);
        Assert.Equal(isThere ? theFiles : theDirectorys, FileOwner.Of(path));
        Assert.Equal("new", File.ReadAllText(path));
    }

    private int OpenFiles() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == _directory);

    private static void ThrowIf(bool fails)
    {
        if (fails)
            throw new IOException("The disk can no more.");
    }
}
