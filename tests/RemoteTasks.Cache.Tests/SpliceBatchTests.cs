using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Tests.Support;
using static RemoteTasks.Cache.Tests.Support.OneArchive;

namespace RemoteTasks.Cache.Tests;

/// <summary>Applies that merge by indexes: what comes of the blocks, of a disk that fails, and in which order files are put in place.</summary>
public sealed class SpliceBatchTests
{
    private const int Tasks = 3_000;

    // Invariants checked: whichever read of the archive fails, once, the merge fails, leaves nothing behind, and everything is there when it is done again.
    [Fact]
    public void A_read_that_fails_in_the_midst_of_a_merge_fails_the_merge_and_leaves_no_file_behind()
    {
        var disk = new HookedDisk();
        using TempCache cache = LongArchive.Fill(disk);
        string name = NameOf(cache).ToString();
        int failures = 0;
        int left = 0;
        for (int failing = 1; left <= 0; failing++)
        {
            cache.Add(Some.Finished(LongArchive.Tasks + failing));
            left = failing;
            disk.Hook = call =>
            {
                // Again and again: a read that fails once is made once more.
                if (call == $"read {name}" && --left <= 0)
                    throw new IOException("Input/output error");
            };
            if (Record.Exception(() => cache.Apply()) is { } error)
            {
                Assert.Equal("Input/output error", Assert.IsType<IOException>(error).Message);
                failures++;
            }

            disk.Hook = static _ => { };
            cache.Reopen();
            Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
            Assert.Equal(LongArchive.Tasks + failing, cache.List(new TaskQuery { Limit = 1 }).Total);
        }

        Assert.True(failures > 4, $"{failures} reads are few");
    }

    // Invariants checked: a few lines on top, again and again, make neither blocks that grow without end nor many small ones.
    [Fact]
    public void A_block_that_takes_in_a_few_lines_is_divided_when_it_has_grown()
    {
        using TempCache cache = OneArchive.Of(Tasks);
        for (int round = 1; round <= 60; round++)
        {
            cache.Add([.. Enumerable.Range(0, 20).Select(i => Some.Finished(Tasks + (20 * round) + i))]);
            cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            ArchiveIndex archive = Assert.Single(reader.Snapshot.Archives);
            int[] lines = [.. Enumerable.Range(0, archive.Table!.Count).Select(i => archive.RowsOf(i).To - archive.RowsOf(i).From)];
            Assert.All(lines, count => Assert.InRange(count, 1, Limits.BlockLinesMax * 3 / 2));
            Assert.InRange(lines.Length, 1, 3 + (archive.Rows / (Limits.BlockLinesMax / 2)));
        }
    }

    [Fact]
    public void What_an_apply_finds_damaged_under_its_index_is_merged_line_by_line_and_told_of()
    {
        var disk = new HookedDisk();
        using TempCache cache = OneArchive.Of(Tasks, disk);
        cache.IsDamaged = true;
        cache.Add(Some.Finished(Tasks + 1));
        string path = PathOf(cache);
        disk.Hook = call =>
        {
            if (call != $"read {Path.GetFileName(path)}")
                return;
            disk.Hook = static _ => { };
            byte[] bytes = File.ReadAllBytes(path);
            Flip(path, bytes, bytes.Length / 2);
        };
        ApplyResult result = cache.Apply();
        Assert.Equal((1, 1), (result.Rows, result.Files));
        Damage damage = Assert.Single(result.Damage);
        Assert.Equal(damage, Assert.Single(cache.State().Repairs).Damage with { Lines = damage.Lines });
        long[] starts = cache.Starts();
        Assert.Equal(Tasks + 1, starts[0]);
        Assert.Equal(Tasks + 1 - Limits.BlockLinesMax, starts.Length);
        Assert.All(Enumerable.Range(0, Tasks).Select(start => (long)start).Except(starts), start => Assert.InRange(start, damage.From, damage.To));
        Assert.Empty(Directory.GetFiles(cache.Path, "*.tmp"));
    }

    // Invariants checked: whatever is merged, and however often, no block has more lines or bytes than it may have, few are small, and every task is there.
    [Theory]
    [InlineData(1_500, 0)]
    [InlineData(200, 6_000)]
    [InlineData(8, 200_000)]
    public void Blocks_stay_within_their_bounds_whatever_is_merged(int tasks, int statusLengthMax)
    {
        var random = new Random(11);
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = 64 << 20 });
        var statuses = new SortedDictionary<long, string>();
        long bytes = 0;
        for (int round = 0; round < 8; round++)
        {
            TaskRecord[] batch = [.. Enumerable.Range(0, tasks).Select(_ => (long)random.Next(1 << 20)).Distinct()
                .Select(start => Some.Finished(start, $"s{new string('x', random.Next(statusLengthMax + 1))}"))];
            foreach (TaskRecord task in batch)
                statuses[task.StartTime] = task.Status!;
            cache.Add(batch);
            cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            ArchiveIndex archive = Assert.Single(reader.Snapshot.Archives);
            (int Lines, int Bytes)[] blocks = [.. Enumerable.Range(0, archive.Table!.Count).Select(i => (archive.RowsOf(i).To - archive.RowsOf(i).From, archive.Table[i].Decompressed))];
            bytes = blocks.Sum(block => (long)block.Bytes);
            Assert.All(blocks, block => Assert.True(block.Lines <= Limits.BlockLinesMax && (block.Bytes <= Limits.BlockBytesMax || block.Lines == 1), $"{block}"));
            Assert.InRange(blocks.Length, 1, 2 + (3 * ((statuses.Count / Limits.BlockLinesMax) + (bytes / Limits.BlockBytesMax))));
            Assert.Equal(statuses.Count, archive.Rows);
        }

        Assert.True(bytes > Limits.BlockBytesMax * 2, $"{bytes} bytes are few");
        Assert.Equal(statuses.Reverse().Select(task => task.Value), cache.List().Rows.Select(row => row.Status));
    }

    [Fact]
    public void Merged_archives_are_synced_then_put_in_place_and_their_names_durable_before_the_journal_is_emptied()
    {
        var disk = new HookedDisk();
        using var cache = new TempCache(3000, TempCache.Small with { PlainFiles = 0, RotateAfter = TimeSpan.FromSeconds(1000), RetainFilesMax = null, InitialFiles = 2, Disk = disk });
        cache.Add(Some.Finished(2000), Some.Finished(3000));
        cache.Apply();
        cache.Add(Some.Finished(2001), Some.Finished(3001));
        var calls = new List<string>();
        disk.Hook = call =>
        {
            if ((call.StartsWith("sync", StringComparison.Ordinal) || call.StartsWith("rename", StringComparison.Ordinal)) && !call.EndsWith(".idx", StringComparison.Ordinal))
                calls.Add(call.EndsWith(".tmp", StringComparison.Ordinal) ? "sync of a new file" : call);
        };
        ApplyResult result = cache.Apply();
        disk.Hook = static _ => { };
        Assert.Equal((2, 2), (result.Rows, result.Files));
        Assert.Equal(
            ["rename archive.2000.zst", "rename archive.3000.zst", "sync of a new file", "sync of a new file"],
            calls.TakeWhile(call => call != "syncdir remote-tasks").Order(StringComparer.Ordinal));
        Assert.Equal(["sync of a new file", "sync of a new file"], calls.Take(2));
        Assert.Equal("rename journal", calls.First(call => call.EndsWith(" journal", StringComparison.Ordinal)));
        Assert.True(calls.IndexOf("syncdir remote-tasks") < calls.IndexOf("rename journal"));
        Assert.Equal([3001, 3000, 2001, 2000], cache.Starts());
    }
}
