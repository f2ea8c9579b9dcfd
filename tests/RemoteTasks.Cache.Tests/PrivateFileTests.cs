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

    private static void ThrowIf(bool fails)
    {
        if (fails)
            throw new IOException("The disk can no more.");
    }
}
