using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Files that a disk no longer gives in full: the tasks in them are named, asked for again, and nobody is kept from the others.</summary>
public sealed class BadSectorTests
{
    private const int SectorBytes = 4096;
    private const int Tasks = 1_200;

    private readonly HookedDisk _disk = new();

    // Invariants checked: wherever a sector of a compressed archive is bad, what is shown is what was stored; what is not shown began in the times that are named; when all of it was told again,
    // and settled, everything is there, and the file is kept as it was.
    [Fact]
    public void A_bad_sector_of_an_archive_costs_tasks_that_are_named_and_fetched_again()
    {
        int lostMax = 0;
        for (int sector = 0; ; sector++)
        {
            _disk.IsUnreadable = static (_, _, _) => false;
            using TempCache cache = Filled();
            string archive = Assert.Single(cache.Archives());
            if (sector * SectorBytes >= new FileInfo(cache.PathOf(archive)).Length)
                break;
            Spoil(cache, archive, sector);
            cache.Reopen();
            TaskPage page = cache.List();
            long[] lost = [.. All.Except(page.Rows.Select(row => row.StartTime))];
            lostMax = Math.Max(lostMax, lost.Length);
            cache.Add(Some.Finished(1));
            Repair[] repairs = [.. cache.State().Repairs];
            Assert.All(repairs, repair => Assert.Equal(archive, repair.Damage.File));
            Assert.All(lost, start => Assert.Contains(repairs, repair => repair.Damage.From <= start && start <= repair.Damage.To));
            Assert.Throws<IOException>(() => cache.Apply());
            using (CacheWriter writer = cache.Cache.Write())
            {
                writer.Update(new TaskBatch { Tasks = [.. All.Select(start => Some.Finished(start))] });
                foreach (Repair repair in repairs)
                    writer.SettleRepair(repair);
                writer.ApplyJournal();
            }

            Assert.Equal(All.Append(1).Order().Reverse(), cache.Starts());
            Assert.Single(Directory.GetFiles(cache.Path, $"{archive}.damaged.*"));
            cache.Reopen();
            Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
        }

        Assert.InRange(lostMax, 1, Tasks);
    }

    // The sector of an archive that is settled may be readable again, or never have been bad.
    [Fact]
    public void Settling_reads_again_what_the_disk_did_not_give_once()
    {
        using TempCache cache = Filled();
        string archive = Assert.Single(cache.Archives());
        int reads = 0;
        for (int failing = 0; failing <= reads; failing++)
        {
            using CacheWriter writer = cache.Cache.Write();
            reads = 0;
            _disk.Hook = call =>
            {
                if (call == $"read {archive}" && reads++ == failing)
                    throw new IOException("Input/output error", 5);
            };
            writer.SettleRepair(new Repair(new Damage(archive, 0, 1, 0, "none"), Settled: null));
            _disk.Hook = static _ => { };
            Assert.Equal(All.Reverse(), cache.Starts());
        }

        Assert.Empty(cache.State().Repairs);
        Assert.Empty(Directory.GetFiles(cache.Path, "*.damaged.*"));
    }

    // A block that went bad after the one that is settled was met.
    [Fact]
    public void What_else_is_damaged_when_a_repair_is_settled_is_noted_before_the_file_is_replaced()
    {
        using TempCache cache = Filled();
        string archive = Assert.Single(cache.Archives());
        byte[] bytes = File.ReadAllBytes(cache.PathOf(archive));
        bytes[bytes.Length / 2] ^= 0x11;
        File.WriteAllBytes(cache.PathOf(archive), bytes);
        bool isNoted = false;
        _disk.Hook = call => isNoted |= call == $"rename {archive}" && File.ReadAllText(cache.PathOf("state")).Contains("cannot be decoded", StringComparison.Ordinal);
        using (CacheWriter writer = cache.Cache.Write())
            writer.SettleRepair(new Repair(new Damage(archive, 0, 1, 0, "another one"), Settled: null));
        Assert.True(isNoted);
        Damage damage = Assert.Single(cache.State().Repairs).Damage;
        Assert.All(All.Except(cache.Starts()), start => Assert.InRange(start, damage.From, damage.To));
        Assert.NotEqual(Tasks, cache.List().Total);
    }

    // The batch is stored; whoever merges says why he does not.
    [Fact]
    public void An_update_succeeds_though_the_journal_cannot_be_merged_into_what_cannot_be_read()
    {
        using TempCache cache = Filled();
        Spoil(cache, Assert.Single(cache.Archives()), 1);
        cache.IsDamaged = true;
        TaskCache little = TaskCache.Open(cache.Path, cache.Options with { JournalBytesMax = 0 });
        using CacheWriter writer = little.Write();
        Assert.Null(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_000)] }).Applied);
        Assert.Null(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_001)] }).Applied);
        Assert.Contains("Input/output error", Assert.Throws<IOException>(() => writer.ApplyJournal()).Message, StringComparison.Ordinal);
        using CacheReader reader = little.Read();
        Assert.Equal([50_001, 50_000], reader.List(new TaskQuery { Limit = 2 }).Rows.Select(row => row.StartTime));
    }

    [Fact]
    public void What_can_be_read_again_is_shown_again()
    {
        using TempCache cache = Filled();
        Spoil(cache, Assert.Single(cache.Archives()), 1);
        cache.Reopen();
        Assert.NotEqual(Tasks, cache.List().Total);
        _disk.IsUnreadable = static (_, _, _) => false;
        Assert.Equal(Tasks, cache.List().Total);
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
        using TempCache cache = Filled(plainFiles: kind == "plain archive" ? 1 : 0);
        cache.Add([.. Enumerable.Range(20_000, 200).Select(start => Some.Finished(start))]);
        cache.Add([.. Enumerable.Range(30_000, 200).Select(start => Some.Running(start))]);
        string file = kind.EndsWith("archive", StringComparison.Ordinal) ? Assert.Single(cache.Archives()) : kind;
        Assert.True(File.Exists(cache.PathOf(file)));
        HashSet<long> all = [.. All, .. Enumerable.Range(20_000, 200).Select(start => (long)start), .. Enumerable.Range(30_000, 200).Select(start => (long)start)];
        Spoil(cache, file, kind is "state" ? 0 : 1);
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
        using TempCache cache = Filled();
        cache.Add(Some.Finished(50_000));
        bool isBad = true;
        _disk.Hook = call =>
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
        using TempCache cache = Filled();
        Spoil(cache, Assert.Single(cache.Archives()), 1);
        using (CacheWriter writer = cache.Cache.Write())
            Assert.Throws<IOException>(() => writer.RenameRemote("pve-remote", "renamed"));
        Assert.Throws<IOException>(() => cache.Cache.Write());
        using (CacheWriter writer = TaskCache.Open(cache.Path, cache.Options with { Salvages = true }).Write())
            Assert.Single(writer.Mend().Files);
        cache.Reopen();
        TaskPage page = cache.List();
        Assert.InRange(page.Rows.Count, 500, Tasks - 1);
        Assert.All(page.Rows, row => Assert.Equal("renamed", row.Remote));
        Assert.Equal(new RemoteRename("pve-remote", "renamed"), cache.State().Renamed);
        Assert.DoesNotContain(cache.Cache.Check().Findings, finding => finding.IsDamage);
    }

    private static IEnumerable<long> All => Enumerable.Range(10_000, Tasks).Select(start => (long)start);

    /// <summary>One archive of several blocks and sectors.</summary>
    private TempCache Filled(int plainFiles = 0)
    {
        var cache = new TempCache(100_000, TempCache.Small with { Disk = _disk, InitialFiles = 1, PlainFiles = plainFiles });
        cache.Add([.. All.Select(start => Some.Finished(start))]);
        cache.Apply();
        return cache;
    }

    /// <summary>A sector of a file goes bad, for whoever has the file open too; one that takes its place is good.</summary>
    private void Spoil(TempCache cache, string file, int sector)
    {
        FileIdentity identity = RealDisk.Instance.Stamp(cache.PathOf(file))!.Value.Identity;
        long length = new FileInfo(cache.PathOf(file)).Length;
        Assert.True(length > sector * SectorBytes, $"'{file}' has {length} bytes");
        _disk.IsUnreadable = (spoiled, offset, count) =>
            spoiled == identity && offset < Math.Min(length, (sector + 1) * SectorBytes) && offset + count > sector * SectorBytes;
    }
}
