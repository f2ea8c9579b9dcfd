using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What the journal asks of the disk, and in which order; what it need not ask again.</summary>
public sealed class JournalTests : IDisposable
{
    private const string SyncNames = "syncdir remote-tasks";

    private readonly List<string> _calls = [];
    private readonly HookedDisk _disk = new();
    private readonly TempCache _cache;

    public JournalTests() => _cache = new TempCache(1000, TempCache.Small with { Disk = _disk, JournalBytesMax = 8 << 20 });

    private string Path => _cache.PathOf("journal");

    /// <summary>Calls that have to do with the journal, its note and its names.</summary>
    private string[] Calls => [.. _calls.Where(call => call == SyncNames || call.EndsWith("journal", StringComparison.Ordinal) || call.EndsWith(".durable", StringComparison.Ordinal))];

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void An_append_takes_the_note_back_and_gives_it_again_when_the_disk_has_confirmed()
    {
        _cache.Add(Some.Finished(1000));
        Watch();
        _cache.Add(Some.Finished(1001));
        Assert.Equal(["write .durable", "write journal", "sync journal", "write .durable"], Changes());
    }

    [Fact]
    public void The_next_process_believes_the_note_of_the_one_before_and_makes_names_durable_once()
    {
        _cache.Add(Some.Finished(1000));
        _cache.Add(Some.Finished(1001));
        _cache.Reopen();
        Watch();
        _cache.Add(Some.Finished(1001));
        Assert.Equal([SyncNames], Changes());
        _calls.Clear();
        _cache.Add(Some.Finished(1001));
        Assert.Empty(Changes());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_torn_line_is_cut_off_for_good_before_the_next_one_is_written(int length)
    {
        _cache.Add(Some.Finished(1000));
        long before = new FileInfo(Path).Length;
        Journal journal = Opened();
        journal.EnsureDurable();
        File.AppendAllText(Path, new string('x', length));
        Watch();
        journal.Append(Lines(1001));
        Assert.Equal(["write .durable", "cut journal", "sync journal", "write journal", "sync journal", "write .durable"], Changes());
        Assert.Equal((2 * before, "\n"), (new FileInfo(Path).Length, File.ReadAllText(Path)[^1..]));
        _cache.Reopen();
        Assert.Equal([1001, 1000], _cache.Starts());
    }

    [Fact]
    public void What_is_known_is_not_read_again()
    {
        _cache.Add(Some.Finished(1000));
        Journal journal = Opened();
        JournalSnapshot first = journal.Load();
        Watch();
        Assert.Same(first, journal.Load());

        // Whether it still is the journal that is known.
        Assert.Equal(["read journal"], Calls);
        _calls.Clear();
        File.AppendAllBytes(Path, Line(1001));
        JournalSnapshot second = journal.Load();
        Assert.Equal(2, second.Rows.Count);
        Assert.Same(first.Rows[0], second.Rows[0]);
        Assert.DoesNotContain("read .durable", Calls);
        int open = OpenJournals();
        for (int i = 0; i < 5; i++)
            Assert.Same(second, journal.Load());
        Assert.Equal(open, OpenJournals());
    }

    [Fact]
    public void What_was_appended_is_known_without_reading_it()
    {
        _cache.Add(Some.Finished(1000));
        Journal journal = Opened();
        journal.Load();
        journal.Append(Lines(1001));
        Watch();
        Assert.Equal(2, journal.Load().RowCount);
        Assert.Equal(["read journal"], Calls);
    }

    [Fact]
    public void A_short_append_is_one_write_and_a_long_one_is_sent_off_while_it_is_made()
    {
        _cache.Add(Some.Finished(1000));
        Watch();
        _cache.Add(Some.Finished(1001));
        Assert.DoesNotContain("send journal", _calls);
        _calls.Clear();
        _cache.Add([.. Enumerable.Range(2000, 20_000).Select(start => Some.Finished(start))]);
        string[] written = [.. _calls.Where(call => call is "write journal" or "send journal")];
        Assert.InRange(written.Length, 4, 8);
        Assert.All(written.Index(), call => Assert.Equal(call.Index % 2 == 0 ? "write journal" : "send journal", call.Item));
    }

    // What is torn was acknowledged to nobody.
    [Fact]
    public void A_long_journal_that_nobody_is_known_to_have_synced_is_the_same_without_its_torn_end_when_it_is_written_anew()
    {
        _cache.Add([.. Enumerable.Range(2000, 20_000).Select(start => Some.Finished(start))]);
        byte[] lines = [.. File.ReadAllBytes(Path), .. Line(30_000)];
        Assert.True(lines.Length > 2 << 20, $"{lines.Length} bytes are one piece.");
        File.WriteAllBytes(Path, [.. lines, .. "torn"u8]);
        FileIdentity before = RealDisk.Instance.Stamp(Path)!.Value.Identity;
        _cache.Reopen();
        Assert.Equal(0, _cache.Add(Some.Finished(30_000)).New);
        Assert.NotEqual(before, RealDisk.Instance.Stamp(Path)!.Value.Identity);
        Assert.Equal(lines, File.ReadAllBytes(Path));
        Watch();
        _cache.Reopen();
        _cache.Add(Some.Finished(30_000));
        Assert.Equal([SyncNames], Changes());
    }

    // Another program empties its journal in place: nothing of ours is missing then.
    [Fact]
    public void A_journal_that_others_emptied_and_filled_again_lacks_nothing()
    {
        _cache.Add(Some.Finished(1000), Some.Finished(1001));
        File.WriteAllBytes(Path, Line(1002));
        _cache.Reopen();
        Assert.Null(Opened().Load().Damage);
        Assert.Equal([1002], _cache.Starts());
        File.WriteAllBytes(Path, []);
        Assert.Null(Opened().Load().Damage);
    }

    [Fact]
    public void Other_lines_of_the_same_length_are_seen()
    {
        _cache.Add(Some.Finished(1000));
        Journal journal = Opened();
        JournalSnapshot first = journal.Load();
        File.WriteAllBytes(Path, [.. File.ReadAllBytes(Path).Select((b, i) => i < 200 && i < first.Length - 1 ? (byte)'x' : b)]);
        JournalSnapshot second = journal.Load();
        Assert.Equal((0, 1), (second.RowCount, second.BadLines));
        _cache.IsDamaged = true;
    }

    // The mark of the last whole line must outlive a reading that found only part of a line.
    [Fact]
    public void Other_lines_of_the_same_length_are_seen_behind_a_torn_line()
    {
        _cache.Add(Some.Finished(1000));
        Journal journal = Opened();
        journal.Load();
        File.AppendAllText(Path, "{\"upid\"");
        JournalSnapshot before = journal.Load();
        Assert.Equal(7, before.TailLength);
        File.WriteAllBytes(Path, File.ReadAllBytes(Path).Select((b, i) => i < before.Length - 1 ? (byte)'x' : b).ToArray());
        Assert.Equal((0, 1), (journal.Load().RowCount, journal.Load().BadLines));
        _cache.IsDamaged = true;
    }

    private Journal Opened() => new(_disk, _cache.Path);

    private void Watch()
    {
        _calls.Clear();
        _disk.Hook = _calls.Add;
    }

    private string[] Changes() => [.. Calls.Where(call => !call.StartsWith("read", StringComparison.Ordinal))];

    private int OpenJournals() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(path => new FileInfo(path).LinkTarget?.StartsWith(Path, StringComparison.Ordinal) == true);

    private static JournalLines Lines(long start) =>
        JournalLines.Of([(Line(start), [new JournalRow((uint)start, Line(start).Length - 1, offset: 0, upidLength: 0)])]);

    private static byte[] Line(long start) => [.. Some.Finished(start).ToLine(), (byte)'\n'];
}
