using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>What the tests of the reference's cache say, as behaviours of this one, by their names.</summary>
public sealed class ReferenceBehaviourTests
{
    [Theory]
    [InlineData("archive.1000", 1000, false)]
    [InlineData("archive.1782864000.zst", 1782864000, true)]
    [InlineData("archive.0", 0, false)]
    public void Archive_filename_says_epoch_and_compression(string name, long epoch, bool compressed)
    {
        Assert.True(ArchiveName.TryParse(name, out ArchiveName archive));
        Assert.Equal(new ArchiveName(epoch, compressed), archive);
        Assert.Equal(name, archive.ToString());
    }

    [Theory]
    [InlineData("archive.")]
    [InlineData("archive.zst")]
    [InlineData("archive.10x0")]
    [InlineData("archive.-5")]
    [InlineData("archive.01")]
    [InlineData("archive.1000.zst.tmp")]
    [InlineData("archive.1000.idx")]
    [InlineData("archive.1234567890123")]
    [InlineData("xarchive.1000")]
    [InlineData("archive.1000.ZST")]
    public void Archive_filename_of_anything_else_is_no_archive(string name) => Assert.False(ArchiveName.TryParse(name, out _));

    [Fact]
    public void Set_compressed_changes_only_the_ending_in_both_directions()
    {
        var plain = new ArchiveName(1000, Compressed: false);
        Assert.Equal("archive.1000.zst", (plain with { Compressed = true }).ToString());
        Assert.Equal("archive.1000", (plain with { Compressed = true } with { Compressed = false }).ToString());
    }

    [Fact]
    public void Archive_iterator_reads_good_lines_around_a_bad_one()
    {
        using var cache = new TempCache { IsDamaged = true };
        Directory.CreateDirectory(cache.Path);
        File.WriteAllText(
            cache.PathOf("archive.900"),
            """
            {"upid":"pve-remote!UPID:pve:00039E4D:002638B8:000003E8:stopall::root@pam:","starttime":1000,"status":"OK","endtime":1001}
            some_invalid_line
            {"upid":"pve-remote!UPID:pve:00039E4D:002638B8:000003E7:stopall::root@pam:","starttime":999,"status":"OK","endtime":1000}

            """);

        using CacheReader reader = cache.Cache.Read();
        Assert.Equal([1000, 999], reader.List(new TaskQuery()).Rows.Select(row => row.StartTime));
        Damage damage = Assert.Single(reader.Damage);
        Assert.Equal(("archive.900", 999L, 1000L, 1), (damage.File, damage.From, damage.To, damage.Lines));
    }

    [Fact]
    public void Add_tasks_out_of_order_land_in_the_right_files_in_the_exact_order()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1001), Some.Finished(1000));
        cache.RotateAt(1500);
        cache.Add(Some.Finished(1501), Some.Finished(1500), Some.Finished(1502));
        cache.RotateAt(2000);
        cache.Add(Some.Finished(2000), Some.Finished(1002));
        cache.Add(Some.Finished(2000));
        cache.RotateAt(2500);

        // Two that come late, after three rotations.
        cache.Add(Some.Finished(1300));
        cache.Add(Some.Finished(1200));
        long[] expected = [2000, 1502, 1501, 1500, 1300, 1200, 1002, 1001, 1000];
        Assert.Equal(expected, cache.Starts());
        cache.Apply();
        Assert.Equal(expected, cache.Starts());
        Assert.Equal(["archive.2500", "archive.2000.zst", "archive.1500.zst", "archive.1000.zst"], cache.Archives());
        Assert.Equal(5, Lines(cache, "archive.1000.zst").Length);
        Assert.Equal(3, Lines(cache, "archive.1500.zst").Length);
        Assert.Single(Lines(cache, "archive.2000.zst"));

        cache.RotateAt(3000);
        Assert.Equal([2000, 1502, 1501, 1500], cache.Starts());
    }

    [Fact]
    public void Active_tasks_are_migrated_to_the_archive_when_they_end()
    {
        using var cache = new TempCache(900);
        cache.Add(Some.Running(1000), Some.Running(1001));
        Assert.Equal([1001, 1000], cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.Empty(cache.Starts(new TaskQuery { Scope = TaskScope.Finished }));

        cache.Add(Some.Finished(1000), Some.Finished(1001));
        cache.Apply();
        Assert.Empty(cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.Equal([1001, 1000], cache.Starts(new TaskQuery { Scope = TaskScope.Finished }));
        Assert.Equal(0, new FileInfo(cache.PathOf("active")).Length);
    }

    [Fact]
    public void Init_makes_files_backwards_and_history_can_be_filled_in_at_once()
    {
        using var cache = new TempCache(1000, TempCache.Small with { RotateAfter = TimeSpan.FromSeconds(100) });
        cache.Add(Some.Finished(1050), Some.Finished(950), Some.Finished(850));
        Assert.Equal(["archive.1000", "archive.900.zst", "archive.800.zst"], cache.Archives().OrderByDescending(name => name.Length == 12));
        cache.Apply();
        Assert.Equal([1050, 950, 850], cache.Starts());
        Assert.Single(Lines(cache, "archive.1000"));
        Assert.Single(Lines(cache, "archive.900.zst"));
        Assert.Single(Lines(cache, "archive.800.zst"));
    }

    [Fact]
    public void Tracking_tasks_ends_when_they_end()
    {
        using var cache = new TempCache(1000);
        string first = Some.Upid(1000);
        string second = Some.Upid(1001);
        using (CacheWriter writer = cache.Cache.Write())
        {
            writer.Update(new TaskBatch { Tasks = [Some.Running(1000)], Track = [first] });
            writer.Update(new TaskBatch { Tasks = [Some.Running(1001)], Track = [second] });
            writer.Update(new TaskBatch { Tasks = [Some.Running(1001)], Track = [second] });
        }

        Assert.Equal([first, second], cache.State().TrackedTasks);
        Assert.Equal(2, cache.List(new TaskQuery { Scope = TaskScope.Running }).Total);

        cache.Add(Some.Finished(1000));
        Assert.Equal([second], cache.State().TrackedTasks);
        Assert.Equal([1001], cache.Starts(new TaskQuery { Scope = TaskScope.Running }));
        Assert.Equal([1000], cache.Starts(new TaskQuery { Scope = TaskScope.Finished }));
    }

    [Fact]
    public void Journal_is_applied_if_max_size_exceeded()
    {
        using var cache = new TempCache(1000, TempCache.Small with { JournalBytesMax = 200 });
        Assert.Null(cache.Add(Some.Finished(1000)).Applied);
        Assert.NotEqual(0, new FileInfo(cache.PathOf("journal")).Length);
        Assert.Equal(2, cache.Add(Some.Finished(1001)).Applied?.Rows);
        Assert.Equal(0, new FileInfo(cache.PathOf("journal")).Length);
        Assert.Equal([1001, 1000], cache.Starts());
    }

    [Fact]
    public void Cutoff_moves_forward_only_and_running_tasks_do_not_hold_it_back()
    {
        using var cache = new TempCache(1000);
        void Report(long? cutoff, params TaskRecord[] tasks)
        {
            using CacheWriter writer = cache.Cache.Write();
            writer.Update(new TaskBatch { Tasks = tasks, Nodes = [new NodeReport("pve-remote", "pve", 2000) { Cutoff = cutoff }] });
        }

        Report(1001, Some.Finished(1001), Some.Running(900));
        Assert.Equal(1001, cache.State().Find("pve-remote", "pve")?.Cutoff);
        Report(1501, Some.Finished(1501));
        Report(1300, Some.Finished(1300));
        Report(null);
        Assert.Equal(1501, cache.State().Find("pve-remote", "pve")?.Cutoff);
    }

    [Fact]
    public void Archive_file_rotation_moves_compresses_and_drops()
    {
        using var cache = new TempCache(1000, TempCache.Small with { RetainFilesMax = 2 });
        int[] Contents() => [.. cache.Archives().Select(name => Lines(cache, name).Length)];
        cache.Add(Some.Finished(1000), Some.Finished(1001));
        cache.RotateAt(1500);
        Assert.Equal(["archive.1500", "archive.1000.zst"], cache.Archives());
        Assert.Equal([0, 2], Contents());

        cache.Add(Some.Finished(1500));
        cache.RotateAt(2000);
        Assert.Equal(["archive.2000", "archive.1500.zst"], cache.Archives());
        cache.Add(Some.Finished(2001), Some.Finished(1501, upid: Some.Upid(1501)));
        cache.Apply();
        Assert.Equal([1, 2], Contents());
        cache.RotateAt(2500);
        Assert.Equal([0, 1], Contents());
        Assert.Equal([2001], cache.Starts());
    }

    [Fact]
    public void Corrupted_archive_file_does_not_lead_to_an_endless_loop()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add([.. Enumerable.Range(1000, 300).Select(start => Some.Finished(start))]);
        cache.RotateAt(2000);
        byte[] whole = File.ReadAllBytes(cache.PathOf("archive.1000.zst"));
        foreach (int length in (int[])[0, 1, 20, whole.Length / 2, whole.Length - 40])
        {
            File.WriteAllBytes(cache.PathOf("archive.1000.zst"), whole[..length]);
            cache.Reopen();
            using CacheReader reader = cache.Cache.Read();
            Assert.InRange(reader.List(new TaskQuery { Limit = 0 }).Total, 0, 300);
            Assert.Single(reader.Damage);
        }
    }

    [Fact]
    public void Temporary_file_is_not_listed_and_the_next_writer_removes_it()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        string line = Encoding.UTF8.GetString(Some.Finished(999).ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("archive.900.tmp"), line);
        File.WriteAllText(cache.PathOf("0123456789abcdef.tmp"), line);
        Assert.Equal([1000], cache.Starts());
        cache.Apply();
        Assert.Equal(["archive.1000"], cache.Archives());
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
    }

    [Fact]
    public void Dedup_duplicate_archive_files_prefers_the_compressed_one_and_rotation_removes_the_other()
    {
        using var cache = new TempCache(1000);
        cache.Add(Some.Finished(1000));
        cache.RotateAt(1500);
        cache.Add(Some.Finished(1500));
        cache.RotateAt(2000);
        string stale = Encoding.UTF8.GetString(Some.Finished(1001).ToLine()) + "\n";
        File.WriteAllText(cache.PathOf("archive.1000"), stale);
        File.WriteAllText(cache.PathOf("archive.1500"), stale);
        Assert.Equal([1500, 1000], cache.Starts());
        Assert.Equal(2, cache.Cache.Check().Findings.Count(finding => finding.Text.Contains("replaced by the compressed file")));

        cache.RotateAt(2500);
        Assert.Equal(["archive.2500", "archive.2000.zst", "archive.1500.zst", "archive.1000.zst"], cache.Archives());
        Assert.Equal([1500, 1000], cache.Starts());
    }

    [Fact]
    public void Damage_found_while_reading_asks_for_repair_of_its_own_range_once()
    {
        using var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add(Some.Finished(1000), Some.Finished(1010), Some.Finished(1020));
        cache.Apply();
        string[] lines = File.ReadAllLines(cache.PathOf("archive.1000"));
        File.WriteAllLines(cache.PathOf("archive.1000"), [lines[0], lines[1][..20], lines[2]]);
        IReadOnlyCollection<Damage> damage;
        using (CacheReader reader = cache.Cache.Read())
        {
            TaskPage page = reader.List(new TaskQuery());
            damage = reader.Damage;
            Assert.Equal([1020, 1000], page.Rows.Select(row => row.StartTime));
            Assert.Equal(new UnknownSpan(UnknownReason.Damaged, null, null, 1000, 1020), Assert.Single(page.Unknown));
        }

        using CacheWriter writer = cache.Cache.Write();
        Assert.True(writer.RequestRepair(damage));
        Assert.False(writer.RequestRepair(damage));
        Repair repair = Assert.Single(cache.State().Repairs);
        Assert.Equal((1000L, 1020L), (repair.Damage.From, repair.Damage.To));

        writer.Update(new TaskBatch { Tasks = [Some.Finished(1010)] });
        writer.SettleRepair(repair);
        using CacheReader healed = writer.Read();
        TaskPage whole = healed.List(new TaskQuery());
        Assert.Equal([1020, 1010, 1000], whole.Rows.Select(row => row.StartTime));
        Assert.Empty(whole.Unknown);
        Assert.False(cache.Cache.Check().IsDamaged);
    }

    private static string[] Lines(TempCache cache, string name)
    {
        byte[] content = File.ReadAllBytes(cache.PathOf(name));
        if (name.EndsWith(".zst", StringComparison.Ordinal))
        {
            using var zstd = new ZstdSharp.DecompressionStream(new MemoryStream(content));
            using var plain = new MemoryStream();
            zstd.CopyTo(plain);
            content = plain.ToArray();
        }

        return Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
