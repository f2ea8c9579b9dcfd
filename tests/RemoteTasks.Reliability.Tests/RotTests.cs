using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Bytes of an archive that go bad while it is open: after its index was verified, and without a trace in its inode.</summary>
public sealed class RotTests(ITestOutputHelper output)
{
    private const string Path = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const int Tasks = 300;
    private const int Step = 13;

    // Invariants checked for bytes all over an archive: whatever is answered is true; what is missing is said to be damage, total does not
    // count it, and when it has been brought again everything is there and nothing is damaged any more.
    [Fact]
    public void What_goes_bad_is_never_answered_is_named_and_can_be_brought_again()
    {
        var disk = new SimDisk();
        var options = new TaskCacheOptions { Disk = disk, InitialFiles = 1, RetainBytesMax = null, Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now)) };
        var generator = new TaskGenerator(new Random(7), Now);
        ModelTask[] tasks = [.. Enumerable.Range(0, Tasks).Select(_ => generator.Task(isRunning: false)).DistinctBy(task => task.Upid)];
        TaskRecord[] records = [.. tasks.Select(generator.Record)];
        using (CacheWriter writer = TaskCache.Open(Path, options).Write())
        {
            writer.Update(new TaskBatch { Tasks = records });
            writer.ApplyJournal();
        }

        Dictionary<string, byte[]> whole = disk.Content();
        string archive = whole.Keys.Single(name => name.EndsWith(".zst", StringComparison.Ordinal));
        HashSet<string> truth = [.. tasks.Select(task => task.Show())];
        int refused = 0;
        int lost = 0;
        for (int at = 0; at < whole[archive].Length; at += Step)
        {
            var bad = new SimDisk(whole);
            TaskCache cache = TaskCache.Open(Path, options with { Disk = bad });
            using (CacheReader before = cache.Read())
                Assert.Equal(truth.Count, before.Stream(new TaskQuery()).Total);
            bad.Rot(archive, at);
            (int missing, bool isRefused) = Ask(cache, truth);
            lost += missing;
            refused += isRefused ? 1 : 0;
            Heal(cache, records, truth);
        }

        output.WriteLine($"{(whole[archive].Length + Step - 1) / Step:N0} bytes flipped in an open archive: {refused:N0} answers refused, {lost:N0} tasks named as damaged, 0 wrong");
        Assert.True(refused > 0 && lost > 0);
    }

    /// <summary>Asks until there is an answer; how many tasks it lacks, and whether one was refused before.</summary>
    private static (int Missing, bool IsRefused) Ask(TaskCache cache, HashSet<string> truth)
    {
        for (int tries = 0; ; tries++)
        {
            using CacheReader reader = cache.Read();
            try
            {
                // Lines are read for texts in the whole UPID; rows alone come from columns, which are in memory.
                TaskPage page = reader.List(new TaskQuery { Limit = 0, Text = "UPID:" });
                string[] rows = [.. page.Rows.Select(ModelTask.Show)];
                Assert.Equal(rows.Length, rows.Distinct().Count());
                Assert.Empty(rows.Except(truth));
                Assert.Equal(rows.Length, page.Total);
                Assert.True(rows.Length == truth.Count || reader.Damage.Count > 0, "tasks are missing, and nothing is said to be damaged");
                return (truth.Count - rows.Length, tries > 0);
            }
            catch (CacheException error) when (error.Error == CacheError.WentBad && tries == 0)
            {
                // Known from now on.
            }
        }
    }

    private static void Heal(TaskCache cache, TaskRecord[] records, HashSet<string> truth)
    {
        using CacheWriter writer = cache.Write();
        using (CacheReader reader = writer.Read())
            writer.RequestRepair(reader.Damage);
        writer.Update(new TaskBatch { Tasks = records });
        writer.ApplyJournal();
        Repair[] repairs;
        using (CacheReader reader = writer.Read())
            repairs = [.. reader.State.Repairs.Where(repair => repair.Settled is null)];
        foreach (Repair repair in repairs)
            writer.SettleRepair(repair);
        using CacheReader healed = writer.Read();
        Assert.Empty(healed.Damage);
        TaskPage page = healed.List(new TaskQuery { Limit = 0 });
        Assert.Equal(truth.Order(StringComparer.Ordinal), page.Rows.Select(ModelTask.Show).Order(StringComparer.Ordinal));
    }
}
