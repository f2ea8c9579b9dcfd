using RemoteTasks.Cache.Tests.Support;
using static RemoteTasks.Cache.Tests.Support.BadSectors;

namespace RemoteTasks.Cache.Tests;

/// <summary>Files that a disk no longer gives in full are mended, and what waited for that goes on.</summary>
public sealed class BadSectorMendTests
{
    private readonly BadSectors _bad = new();

    // The journal is merged into the archive.
    [Fact]
    public void Mending_gets_over_a_damaged_journal_whose_archive_has_a_bad_sector()
    {
        using TempCache cache = _bad.Filled();
        cache.Add([.. All.Take(50).Select(start => Some.Finished(start, "later"))]);
        File.AppendAllText(cache.PathOf("journal"), "rubbish\n");
        _bad.Spoil(cache, Assert.Single(cache.Archives()), 0);
        cache.Reopen();
        using (CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { Salvages = true }).Write())
            Assert.Equal([Assert.Single(cache.Archives()), "journal"], writer.Mend().Files.Select(file => file.File));
        cache.Reopen();
        Assert.Equal(50, cache.List(new TaskQuery { Limit = 0, Text = "later" }).Rows.Count);
        Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
    }

    // Killed after the compressed file had its name, and before the plain one lost it.
    [Theory]
    [InlineData("settle")]
    [InlineData("mend")]
    [InlineData("rotate")]
    public void What_a_compressed_archive_lost_is_taken_from_the_plain_one_while_that_is_there(string how)
    {
        using TempCache cache = _bad.Filled();
        string archive = Assert.Single(cache.Archives());
        byte[] lines = Zstd.Decode(File.ReadAllBytes(cache.PathOf(archive)));
        string plain = Path.GetFileNameWithoutExtension(archive);
        File.WriteAllBytes(cache.PathOf(plain), lines);
        _bad.Spoil(cache, archive, 1);
        cache.Reopen();
        TaskCache opened = how == "mend" ? TaskCache.Open(cache.Path, cache.Options with { Salvages = true }) : cache.Cache;
        using (CacheWriter writer = opened.Write())
        {
            if (how == "settle")
                writer.SettleRepair(new Repair(new Damage(archive, 0, long.MaxValue, 0, "unread"), Settled: null));
            else if (how == "mend")
                writer.Mend();
            else
                writer.Rotate();
        }

        cache.Reopen();
        Assert.Equal(All.Reverse(), cache.Starts());
        Assert.Equal([archive], cache.Archives().Where(file => !file.Contains("damaged", StringComparison.Ordinal)));
        Assert.Single(Directory.GetFiles(cache.Path, $"{archive}.damaged.*"));
    }

    // Invariants checked: whichever file has a bad sector, so that nothing else can be done with the cache, mending keeps it, and what it had is shown or named.
    [Theory]
    [InlineData("archive")]
    [InlineData("plain archive")]
    [InlineData("journal")]
    [InlineData("active")]
    [InlineData("state")]
    public void Mending_passes_over_a_bad_sector_of_any_file(string kind)
    {
        using TempCache cache = _bad.Filled(plainFiles: kind == "plain archive" ? 1 : 0);
        cache.Add([.. Enumerable.Range(20_000, 200).Select(start => Some.Finished(start))]);
        cache.Add([.. Enumerable.Range(30_000, 200).Select(start => Some.Running(start))]);
        string file = kind.EndsWith("archive", StringComparison.Ordinal) ? Assert.Single(cache.Archives()) : kind;
        Assert.True(File.Exists(cache.PathOf(file)));
        HashSet<long> all = [.. All, .. Enumerable.Range(20_000, 200).Select(start => (long)start), .. Enumerable.Range(30_000, 200).Select(start => (long)start)];
        _bad.Spoil(cache, file, kind is "state" ? 0 : 1);
        cache.Reopen();
        TaskCache salvaging = TaskCache.Open(cache.Path, cache.Options with { Salvages = true });
        Assert.True(salvaging.Check().IsDamaged);
        using (CacheWriter writer = salvaging.Write())
        {
            string[] mended = [.. writer.Mend().Files.Select(mended => mended.File)];
            Assert.Equal(kind is "state" ? [] : [file], mended);
        }

        cache.Reopen();
        long[] shown = cache.Starts();
        Assert.InRange(shown.Length, all.Count - (kind is "state" ? 0 : 500), all.Count);
        Assert.All(all.Except(shown), start => Assert.Contains(cache.State().Repairs, repair => repair.Damage.From <= start && start <= repair.Damage.To));
        Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
        cache.Add(Some.Finished(40_000));
        Assert.NotNull(cache.Apply());
        Assert.Single(Directory.GetFiles(cache.Path, $"{file}.damaged.*"));
    }

    // The note tells what of the journal need not be written anew; it is overwritten in part, for which a disk has to read it.
    [Fact]
    public void A_note_that_can_be_neither_read_nor_overwritten_is_made_anew()
    {
        using TempCache cache = _bad.Filled();
        cache.Add(Some.Finished(50_000));
        bool isBad = true;
        _bad.Disk.Hook = call =>
        {
            isBad &= call != "delete .durable";
            if (isBad && (call is "read .durable" or "write .durable"))
                throw new IOException("Input/output error", 5);
        };
        cache.Reopen();
        cache.Add(Some.Finished(50_001));
        Assert.Equal([50_001, 50_000], cache.Starts().Take(2));
        Assert.False(isBad);
    }

    [Fact]
    public void A_renaming_that_a_bad_sector_stopped_is_finished_when_the_file_is_mended()
    {
        using TempCache cache = _bad.Filled();
        _bad.Spoil(cache, Assert.Single(cache.Archives()), 1);
        using (CacheWriter writer = cache.Cache.Write())
            Assert.ThrowsAny<IOException>(() => writer.RenameRemote("pve-remote", "renamed"));
        Assert.ThrowsAny<IOException>(() => cache.Cache.Write());
        using (CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { Salvages = true }).Write())
            Assert.Single(writer.Mend().Files);
        cache.Reopen();
        TaskPage page = cache.List();
        Assert.InRange(page.Rows.Count, 500, Tasks - 1);
        Assert.All(page.Rows, row => Assert.Equal("renamed", row.Remote));
        Assert.Equal(new RemoteRename("pve-remote", "renamed"), cache.State().Renamed);
        Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
    }
}
