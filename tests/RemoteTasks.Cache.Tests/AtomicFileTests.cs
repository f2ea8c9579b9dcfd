using System.Security.Cryptography;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>A file appears whole or not at all.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private const int Buffer = 256 << 10;

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;
    private readonly List<string> _calls = [];
    private readonly HookedDisk _disk = new();

    public AtomicFileTests() => _disk.Hook = _calls.Add;

    private string[] Names => [.. Directory.GetFiles(_directory).Select(file => Path.GetFileName(file))];

    // A temporary name is another one each time.
    private string[] Calls => [.. _calls.Select(call => call.EndsWith(".tmp", StringComparison.Ordinal) ? $"{call.Split(' ')[0]} tmp" : call)];

    private int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget?.StartsWith(_directory, StringComparison.Ordinal) == true);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1, Buffer - 1)]
    [InlineData(1, Buffer)]
    [InlineData(Buffer)]
    [InlineData(Buffer + 1, 7, 2 * Buffer, 5)]
    [InlineData(Buffer - 3, 3, 1)]
    [InlineData(Buffer / 2, Buffer / 2, Buffer / 2, Buffer / 2, Buffer / 2)]
    [InlineData(7, 3 * Buffer, 7)]
    public void What_is_appended_in_pieces_of_any_length_is_the_file(params int[] pieces)
    {
        byte[] content = RandomNumberGenerator.GetBytes(pieces.Sum());
        using (var file = new AtomicFile(_disk, _directory))
        {
            int at = 0;
            foreach (int piece in pieces)
            {
                file.Append(content.AsSpan(at, piece));
                at += piece;
                Assert.Equal(at, file.Length);
            }

            file.Sync();
            file.Place("placed");
        }

        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_directory, "placed")));
    }

    [Fact]
    public void Many_small_pieces_are_one_call_to_the_disk()
    {
        using var file = new AtomicFile(_disk, _directory);
        for (int i = 0; i < 1000; i++)
            file.Append("0123456789"u8);
        Assert.Empty(_calls);
        Assert.Equal(1, OpenFiles());
        file.Sync();
        Assert.Equal(0, OpenFiles());
        Assert.Equal(["write tmp", "sync tmp"], Calls);
    }

    [Fact]
    public void A_file_is_synced_before_it_has_its_name_and_its_name_is_durable_when_it_is_replaced()
    {
        AtomicFile.Replace(_disk, _directory, "state", "content"u8);
        Assert.Equal(["write tmp", "sync tmp", "rename state", $"syncdir {Path.GetFileName(_directory)}"], Calls);
        Assert.Equal(["state"], Names);
    }

    [Fact]
    public void An_index_is_not_synced_and_the_old_one_goes_first()
    {
        File.WriteAllText(Path.Combine(_directory, "index"), "old");
        using (var file = new AtomicFile(_disk, _directory))
        {
            file.Append("new"u8);
            file.CloseUnsynced();
            Assert.Equal(0, OpenFiles());
            Assert.Null(file.Synced);
            file.PlaceAnew("index");
        }

        Assert.Equal(["write tmp", "delete index", "rename index"], Calls);
        Assert.Equal("new", File.ReadAllText(Path.Combine(_directory, "index")));
    }

    [Fact]
    public void Only_a_file_that_was_ended_gets_a_name()
    {
        using (var file = new AtomicFile(_disk, _directory))
        {
            file.Append("half"u8);
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => file.Place("state"));
            Assert.Contains("ended", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["delete tmp"], Calls);
        Assert.Empty(Names);
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public void What_was_given_up_leaves_nothing_and_is_given_up_once()
    {
        var file = new AtomicFile(_disk, _directory);
        file.Append("some"u8);
        file.Sync();
        Assert.Single(Names);
        file.Dispose();
        file.Dispose();
        Assert.Empty(Names);
        Assert.Equal(["write tmp", "sync tmp", "delete tmp"], Calls);
    }

    [Fact]
    public void A_temporary_file_that_cannot_be_removed_does_not_hide_what_went_wrong_before()
    {
        _disk.Hook = call =>
        {
            if (call.StartsWith("delete", StringComparison.Ordinal) || call.StartsWith("sync", StringComparison.Ordinal))
                throw new IOException(call.Split(' ')[0]);
        };
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Replace(_disk, _directory, "state", "content"u8));
        Assert.Equal("sync", error.Message);
    }

    [Fact]
    public void What_was_written_can_be_read_before_it_has_its_name_as_long_as_it_is_there()
    {
        using var file = new AtomicFile(_disk, _directory);
        file.Append("content"u8);
        file.Sync();
        using (IDiskFile written = file.OpenWritten())
            Assert.Equal(written.Stamp, file.Synced);
        File.Delete(Directory.GetFiles(_directory)[0]);
        Assert.Contains("is gone", Assert.Throws<FileNotFoundException>(file.OpenWritten).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_disk_begins_early_when_there_is_enough_and_each_byte_is_sent_off_once()
    {
        using var file = new AtomicFile(_disk, _directory);
        file.Append(new byte[(1 << 20) - 1]);
        file.SendOff();
        Assert.DoesNotContain("send tmp", Calls);
        file.Append(new byte[1]);
        file.SendOff();
        Assert.Contains("send tmp", Calls);
        file.SendOff(bytesMin: 1);
        file.Append(new byte[10]);
        file.SendOff();
        Assert.Equal(["write tmp", "write tmp", "send tmp"], Calls);
    }
}
