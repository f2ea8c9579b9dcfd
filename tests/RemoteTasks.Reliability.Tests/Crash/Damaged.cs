using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>What a cache must do whose files went bad.</summary>
internal static class Damaged
{
    /// <summary>Asks until there is an answer; how many tasks it lacks, and whether one was refused before.</summary>
    internal static (int Missing, bool IsRefused) Ask(TaskCache cache, HashSet<string> truth)
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
                string? unnamed = truth.Except(rows).FirstOrDefault(row => !reader.Damage.Any(part => IsIn(part, row)));
                Assert.True(unnamed is null, $"a task is missing that began when nothing is said to be damaged: {unnamed}, {string.Join("; ", reader.Damage)}");
                return (truth.Count - rows.Length, tries > 0);
            }
            catch (CacheException error) when (error.Error == CacheError.WentBad && tries == 0)
            {
                // Known from now on.
            }
        }
    }

    private static bool IsIn(Damage part, string row)
    {
        Assert.True(RemoteUpid.TryParse(row.Split('|')[0], out RemoteUpid? upid, out string? problem), problem);
        return part.From <= upid.StartTime && upid.StartTime <= part.To;
    }

    /// <summary>Brings everything again, as a poller does that was told of the damage: then all is there, and nothing is damaged any more.</summary>
    internal static void Heal(TaskCache cache, TaskRecord[] records, HashSet<string> truth)
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
