using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What one process tells the next about the journal, and damaged files that are kept aside.</summary>
public sealed class DurableNoteTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-test-").FullName;
    private readonly HookedDisk _disk = new();

    private DurableNote Note => new(_disk, _directory);

    private string PathOfNote => Path.Combine(_directory, ".durable");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_note_speaks_of_one_file_and_its_length()
    {
        using IDiskFile journal = Make("journal", "the first line\n");
        using IDiskFile other = Make("other", "the first line\n");
        Assert.False(Note.Says(journal.Identity, 15));
        Note.Write(journal, 15);
        Assert.True(Note.Says(journal.Identity, 15));
        Assert.False(Note.Says(journal.Identity, 14));
        Assert.False(Note.Says(other.Identity, 15));
        Assert.False(Note.Says(journal.Identity with { Device = journal.Identity.Device + 1 }, 15));
        Note.Write(journal, 16);
        Assert.True(Note.Says(journal.Identity, 16));
        Note.Clear();
        Assert.False(Note.Says(journal.Identity, 16));
        Assert.False(Note.Says(default, 0));
    }

    [Fact]
    public void What_was_confirmed_is_known_of_the_same_file_in_the_same_life_of_the_kernel()
    {
        using IDiskFile journal = Make("journal", "the first line\n");
        using IDiskFile other = Make("other", "the first line\n");
        Assert.Equal(default, Note.ConfirmedOf(journal));
        Note.Write(journal, 15);
        Assert.Equal(new ConfirmedBytes(15, BeginsTheSame: true), Note.ConfirmedOf(journal));
        Assert.Equal(default, Note.ConfirmedOf(other));

        journal.Write(15, "another line\n"u8);
        Assert.Equal(15, Note.ConfirmedOf(journal).Count);
        journal.Write(0, "T"u8);
        Assert.Equal(new ConfirmedBytes(15, BeginsTheSame: false), Note.ConfirmedOf(journal));

        _disk.Boot = Guid.NewGuid();
        Assert.Equal(default, Note.ConfirmedOf(journal));
        Assert.True(Note.Says(journal.Identity, 15));
    }

    [Fact]
    public void Only_the_beginning_of_the_journal_is_looked_at()
    {
        using IDiskFile journal = Make("journal", new string('a', 200));
        Note.Write(journal, 200);
        journal.Write(64, "b"u8);
        Assert.True(Note.ConfirmedOf(journal).BeginsTheSame);
        journal.Write(63, "b"u8);
        Assert.False(Note.ConfirmedOf(journal).BeginsTheSame);
    }

    // A writer that cuts a torn line off takes its note back before: what was read between the two is no loss.
    [Theory]
    [InlineData(false, 13)]
    [InlineData(true, 0)]
    public void A_journal_that_is_cut_while_its_note_is_read_is_not_called_shorter_than_it_was(bool isTakenBack, long lost)
    {
        using IDiskFile file = Make("journal", "rubbish\nmuch\nmore rubbish\n");
        Note.Write(file, file.Length);
        file.SetLength(16);
        int reads = 0;
        _disk.Hook = call =>
        {
            if (call == "read .durable" && ++reads == 2 && isTakenBack)
                new DurableNote(RealDisk.Instance, _directory).Clear();
        };
        JournalSnapshot journal = new Journal(_disk, _directory).Load();
        Assert.Equal((2, 2, lost), (reads, journal.BadLines, journal.LostBytes));
    }

    [Fact]
    public void A_note_with_a_byte_that_is_wrong_or_missing_says_nothing()
    {
        using IDiskFile journal = Make("journal", "the first line\n");
        Note.Write(journal, 15);
        byte[] good = File.ReadAllBytes(PathOfNote);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x40;
            Says(bad, journal);
            Says(good[..i], journal);
        }

        File.WriteAllBytes(PathOfNote, good);
        Assert.True(Note.Says(journal.Identity, 15));
    }

    [Fact]
    public void A_file_is_kept_aside_under_a_name_that_is_free()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(100));
        using DirectoryLock held = DirectoryLock.ToWrite(_disk, _directory, TimeSpan.FromSeconds(1));
        var workspace = new Workspace(_disk, _directory, new TaskCacheOptions { Clock = clock }, held, new FreshIndexes());
        File.WriteAllText(Path.Combine(_directory, "journal"), "damaged");
        Assert.Equal("journal.damaged.100", Aside.Keep(workspace, "journal"));
        Assert.Equal("journal.damaged.100", Aside.Keep(workspace, "journal"));
        File.Delete(Path.Combine(_directory, "journal"));
        File.WriteAllText(Path.Combine(_directory, "journal"), "damaged again");
        Assert.Equal("journal.damaged.101", Aside.Keep(workspace, "journal"));
        Assert.Equal("active.damaged.100", Aside.Keep(workspace, "active"));
        Assert.Equal(["journal", "journal.damaged.100", "journal.damaged.101"], _disk.List(_directory).Where(name => name[0] != '.').Order(StringComparer.Ordinal));
        Assert.Equal(("damaged", "damaged again"), (File.ReadAllText(Path.Combine(_directory, "journal.damaged.100")), File.ReadAllText(Path.Combine(_directory, "journal.damaged.101"))));
    }

    private void Says(byte[] note, IDiskFile journal)
    {
        File.WriteAllBytes(PathOfNote, note);
        Assert.False(Note.Says(journal.Identity, 15));
        Assert.Equal(default, Note.ConfirmedOf(journal));
    }

    private IDiskFile Make(string name, string content)
    {
        File.WriteAllText(Path.Combine(_directory, name), content);
        return _disk.OpenWrite(Path.Combine(_directory, name));
    }
}
