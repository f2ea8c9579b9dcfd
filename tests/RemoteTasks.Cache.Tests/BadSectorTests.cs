using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Tests.Support;
using static RemoteTasks.Cache.Tests.Support.BadSectors;

namespace RemoteTasks.Cache.Tests;

/// <summary>Files that a disk no longer gives in full: the tasks in them are named, asked for again, and nobody is kept from the others.</summary>
public sealed class BadSectorTests
{
    private readonly BadSectors _bad = new();

    // Invariants checked: wherever a sector of a compressed archive is bad, what is shown is what was stored; what is not shown began in the times that are named; when all of it was told again,
    // and settled, everything is there, and the file is kept as it was.
    [Fact]
    public void A_bad_sector_of_an_archive_costs_tasks_that_are_named_and_fetched_again()
    {
        int lostMax = 0;
        for (int sector = 0; ; sector++)
        {
            _bad.Disk.IsUnreadable = static (_, _, _) => false;
            using TempCache cache = _bad.Filled();
            string archive = Assert.Single(cache.Archives());
            if (sector * SectorBytes >= new FileInfo(cache.PathOf(archive)).Length)
                break;
            _bad.Spoil(cache, archive, sector);
            cache.Reopen();
            TaskPage page = cache.List();
            long[] lost = [.. All.Except(page.Rows.Select(row => row.StartTime))];
            lostMax = Math.Max(lostMax, lost.Length);
            cache.Add(Some.Finished(1));
            Repair[] repairs = [.. cache.State().Repairs];
            Assert.All(repairs, repair => Assert.Equal(archive, repair.Damage.File));
            Assert.All(lost, start => Assert.Contains(repairs, repair => repair.Damage.From <= start && start <= repair.Damage.To));
            Assert.ThrowsAny<IOException>(() => cache.Apply());
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
        using TempCache cache = _bad.Filled();
        string archive = Assert.Single(cache.Archives());
        int reads = 0;
        for (int failing = 0; failing <= reads; failing++)
        {
            using CacheWriter writer = cache.Cache.Write();
            reads = 0;
            _bad.Disk.Hook = call =>
            {
                if (call == $"read {archive}" && reads++ == failing)
                    throw new IOException("Input/output error", 5);
            };
            writer.SettleRepair(new Repair(new Damage(archive, 0, 1, 0, "none"), Settled: null));
            _bad.Disk.Hook = static _ => { };
            Assert.Equal(All.Reverse(), cache.Starts());
        }

        Assert.Empty(cache.State().Repairs);
        Assert.Empty(Directory.GetFiles(cache.Path, "*.damaged.*"));
    }

    // A block that went bad after the one that is settled was met.
    [Fact]
    public void What_else_is_damaged_when_a_repair_is_settled_is_noted_before_the_file_is_replaced()
    {
        using TempCache cache = _bad.Filled();
        string archive = Assert.Single(cache.Archives());
        byte[] bytes = File.ReadAllBytes(cache.PathOf(archive));
        bytes[bytes.Length / 2] ^= 0x11;
        File.WriteAllBytes(cache.PathOf(archive), bytes);
        bool isNoted = false;
        _bad.Disk.Hook = call => isNoted |= call == $"rename {archive}" && File.ReadAllText(cache.PathOf("state")).Contains("cannot be decoded", StringComparison.Ordinal);
        using (CacheWriter writer = cache.Cache.Write())
            writer.SettleRepair(new Repair(new Damage(archive, 0, 1, 0, "another one"), Settled: null));
        Assert.True(isNoted);
        Damage damage = Assert.Single(cache.State().Repairs).Damage;
        Assert.All(All.Except(cache.Starts()), start => Assert.InRange(start, damage.From, damage.To));
        Assert.NotEqual(Tasks, cache.List().Total);
    }

    // Nobody has looked at the block since it went bad: the apply that meets it has to say so, or nobody asks for its tasks again.
    [Fact]
    public void An_apply_that_cannot_read_an_archive_has_its_damage_noted()
    {
        using TempCache cache = _bad.Filled();
        string archive = Assert.Single(cache.Archives());
        TaskCache little = TaskCache.Open(cache.Path, cache.Options with { JournalBytesMax = 0 });
        using CacheWriter writer = little.Write();
        using (CacheReader reader = little.Read())
            Assert.Equal(Tasks, reader.List(new TaskQuery { Limit = 1 }).Total);
        _bad.Spoil(cache, archive, 1);
        Assert.Null(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_000)] }).Applied);
        using CacheReader next = little.Read();
        Repair repair = Assert.Single(next.State.Repairs);
        Assert.Equal(archive, repair.Damage.File);
        Assert.All(All.Except(next.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.StartTime)), start => Assert.InRange(start, repair.Damage.From, repair.Damage.To));
        foreach (Repair open in next.State.Repairs)
            writer.SettleRepair(open);
        Assert.NotNull(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_001)] }).Applied);
    }

    // Where rows are found by reading on, what is behind a sector that went bad would be taken for what was in it.
    [Fact]
    public void A_row_behind_a_sector_that_went_bad_is_not_taken_for_another()
    {
        using TempCache cache = _bad.New(plainFiles: 1);
        cache.IsDamaged = true;
        cache.Add([.. Enumerable.Range(0, 400).Select(i => Some.Finished(10_000, $"status {i}", upid: Some.Upid(10_000, node: $"n{i:000}")))]);
        cache.Apply();
        cache.Reopen();
        Assert.Equal(400, cache.List(new TaskQuery { Limit = 1 }).Total);
        _bad.Spoil(cache, Assert.Single(cache.Archives()), 2);
        bool hasGoneBad = false;
        using (CacheReader reader = cache.Cache.Read())
        {
            for (int i = 0; i < 400 && !hasGoneBad; i++)
            {
                string upid = Some.Upid(10_000, node: $"n{i:000}");
                Exception? error = Record.Exception(() => Assert.Equal((upid, $"status {i}"), reader.Find(upid) is { } row ? (row.Upid, row.Status) : default));
                hasGoneBad = error is CacheException { Error: CacheError.WentBad };
                Assert.True(error is null || hasGoneBad, $"{i}: {error}");
            }
        }

        Assert.True(hasGoneBad);
        using CacheReader next = cache.Cache.Read();
        string[] left = [.. next.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.Upid)];
        Assert.InRange(left.Length, 300, 399);
        Assert.All(left, upid => Assert.Equal(upid, next.Find(upid)?.Upid));
    }

    // The end of a file says where its blocks lie; what lies before is read all the same.
    [Fact]
    public void Of_an_archive_whose_table_cannot_be_read_only_what_is_not_shown_is_in_doubt()
    {
        using TempCache cache = _bad.Filled();
        string archive = Assert.Single(cache.Archives());
        _bad.Spoil(cache, archive, (int)(new FileInfo(cache.PathOf(archive)).Length / SectorBytes));
        cache.Reopen();
        using CacheReader reader = cache.Cache.Read();
        long[] shown = [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(row => row.StartTime)];
        Damage damage = Assert.Single(reader.Damage);
        Assert.Equal((0, shown[^1]), (damage.From, damage.To));
        Assert.Equal(All.Last(), shown[0]);
        cache.IsDamaged = true;
    }

    // The batch is stored; whoever merges says why he does not.
    [Fact]
    public void An_update_succeeds_though_the_journal_cannot_be_merged_into_what_cannot_be_read()
    {
        using TempCache cache = _bad.Filled();
        _bad.Spoil(cache, Assert.Single(cache.Archives()), 1);
        cache.IsDamaged = true;
        TaskCache little = TaskCache.Open(cache.Path, cache.Options with { JournalBytesMax = 0 });
        using CacheWriter writer = little.Write();
        Assert.Null(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_000)] }).Applied);
        Assert.Null(writer.Update(new TaskBatch { Tasks = [Some.Finished(50_001)] }).Applied);
        Assert.Contains("Input/output error", Assert.ThrowsAny<IOException>(() => writer.ApplyJournal()).Message, StringComparison.Ordinal);
        using CacheReader reader = little.Read();
        Assert.Equal([50_001, 50_000], reader.List(new TaskQuery { Limit = 2 }).Rows.Select(row => row.StartTime));
    }

    [Fact]
    public void What_can_be_read_again_is_shown_again()
    {
        using TempCache cache = _bad.Filled();
        _bad.Spoil(cache, Assert.Single(cache.Archives()), 1);
        cache.Reopen();
        Assert.NotEqual(Tasks, cache.List().Total);
        _bad.Disk.IsUnreadable = static (_, _, _) => false;
        Assert.Equal(Tasks, cache.List().Total);
    }

    // A read that fails is made once more: two in a row hide tasks, and these must not stay hidden until the daemon is started anew.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_two_reads_in_a_row_failed_for_is_shown_by_the_next_reader(int plainFiles)
    {
        using TempCache cache = _bad.Filled(plainFiles);
        string archive = Assert.Single(cache.Archives());
        int reads = 0;
        int hidden = 0;
        for (int failing = 0; failing <= reads; failing++)
        {
            foreach (string index in Directory.GetFiles(cache.Path, "*.idx"))
                File.Delete(index);
            cache.Reopen();
            reads = 0;
            _bad.Disk.Hook = call =>
            {
                if (call == $"read {archive}" && reads++ is var read && (read == failing || read == failing + 1))
                    throw new UnreadableException("Input/output error", 5);
            };
            try
            {
                hidden += cache.List().Total < Tasks ? 1 : 0;
            }
            catch (UnreadableException)
            {
                // No answer is no wrong one.
            }

            _bad.Disk.Hook = static _ => { };
            Assert.Equal(Tasks, cache.List().Total);
        }

        Assert.InRange(hidden, 1, reads);
    }
}
