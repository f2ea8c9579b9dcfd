using System.Text;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Files cut short and bytes turned over, of every kind of file.</summary>
public sealed class DamageTests
{
    private static readonly int Step = Effort.Of(usual: 1, nightly: 1, mutation: 61);
    private static readonly int Runs = Effort.Of(usual: 300, nightly: 300, mutation: 12);
    private static readonly string[] Files = ["archive.1000.zst", "archive.2000", "journal", "active", "state"];

    // Invariants checked: for every length a file can be cut to, reading and writing end, throw nothing, and show only tasks that were
    // stored, in order; what lies before the cut, whole files besides included, is shown.
    [Theory]
    [InlineData("archive.1000.zst", 40)]
    [InlineData("archive.2000", 0)]
    [InlineData("journal", 0)]
    [InlineData("active", 0)]
    [InlineData("state", 0)]
    [InlineData("frame", 40)]
    public void A_file_that_is_cut_short_anywhere_shows_only_what_was_stored(string name, int lostMax)
    {
        using TempCache cache = Filled(ref name);
        byte[] whole = File.ReadAllBytes(cache.PathOf(name));
        Dictionary<string, string> stored = Stored(cache);
        for (int length = 0; length < whole.Length; length += Step)
        {
            (string[] rows, bool isReported) = Damaged(cache, name, whole[..length], doesWrite: length % 23 == 0);
            Assert.All(rows, row => Assert.Contains(row, stored.Values));
            Assert.True(isReported || lostMax == 0 || rows.Length == stored.Count, $"{name} cut to {length}: not reported");
            Assert.True(rows.Length >= stored.Count - 40, $"{name} cut to {length}: {rows.Length} rows of {stored.Count}");
            Assert.True(lostMax > 0 || name is "state" || rows.Length >= stored.Count - 1 - whole.AsSpan(length).Count((byte)'\n'), $"{name} cut to {length}");
        }
    }

    // Invariants checked: for random bytes turned over, one to three at a time, reading and writing end and throw nothing; what blocks
    // protect shows only tasks that were stored (one frame as the reference writes it has no checksum); in plain files at most the lines
    // that were hit, or were joined by the hit, are missing; what is missing has been reported.
    [Theory]
    [InlineData("archive.1000.zst")]
    [InlineData("archive.2000")]
    [InlineData("journal")]
    [InlineData("active")]
    [InlineData("state")]
    [InlineData("frame")]
    public void Bytes_that_turn_over_stop_nothing_and_hide_only_their_own_lines(string name)
    {
        bool isFrame = name == "frame";
        using TempCache cache = Filled(ref name);
        byte[] whole = File.ReadAllBytes(cache.PathOf(name));
        Dictionary<string, string> stored = Stored(cache);
        int seed = name.Length;
        var random = new Random(seed);
        for (int run = 0; run < Runs; run++)
        {
            byte[] damaged = [.. whole];
            int hits = random.Next(1, 4);
            for (int i = 0; i < hits; i++)
                damaged[random.Next(damaged.Length)] = random.Next(3) == 0 ? (byte)'\n' : (byte)random.Next(256);
            (string[] rows, bool isReported) = Damaged(cache, name, damaged, doesWrite: run % 20 == 0);
            int strange = rows.Count(row => !stored.ContainsValue(row));
            int missing = stored.Values.Except(rows).Count();
            bool isChecked = name.EndsWith(".zst", StringComparison.Ordinal);
            if (isFrame)
                continue;
            Assert.True(strange <= (isChecked || name == "state" ? 0 : hits), $"seed {seed}, run {run}: {strange} strange rows");
            Assert.True(missing <= (isChecked ? 40 : name == "state" ? 0 : 2 * hits), $"seed {seed}, run {run}: {missing} rows are missing");
            Assert.True(isReported || missing <= strange, $"seed {seed}, run {run}: {missing} missing rows are not reported");
        }
    }

    // Each line that is left proves itself; only the number of all, in the last one, tells.
    [Theory]
    [InlineData("archive.2000")]
    [InlineData("active")]
    public void A_line_that_is_gone_from_the_midst_of_a_file_is_told_of(string name)
    {
        using TempCache cache = Filled(ref name);
        string[] lines = File.ReadAllLines(cache.PathOf(name));
        Dictionary<string, string> stored = Stored(cache);
        (string[] rows, bool isReported) = Damaged(cache, name, [.. Encoding.UTF8.GetBytes(string.Concat(lines.Where((_, i) => i != 1).Select(line => line + "\n")))], doesWrite: false);
        Assert.Equal(stored.Count - 1, rows.Length);
        Assert.All(rows, row => Assert.Contains(row, stored.Values));
        Assert.True(isReported);
    }

    /// <summary>Forty tasks in a compressed archive, ten in a plain one, five in the journal, three running.</summary>
    private static TempCache Filled(ref string name)
    {
        var cache = new TempCache(1000) { IsDamaged = true };
        cache.Add([.. Enumerable.Range(1000, 40).Select(start => Some.Finished(start, $"status {start * 7919}"))]);
        cache.RotateAt(2000);
        cache.Add([.. Enumerable.Range(2000, 10).Select(start => Some.Finished(start, $"status {start}"))]);
        cache.Apply();
        cache.Add([.. Enumerable.Range(2100, 5).Select(start => Some.Finished(start)), .. Enumerable.Range(2200, 3).Select(start => Some.Running(start))]);
        using (CacheWriter writer = cache.Cache.Write())
            writer.Update(new TaskBatch { Nodes = [new NodeReport("pve-remote", "pve", 1) { Cutoff = 2104, Gap = new HistoryGap(1, 2) }], Track = [Some.Upid(2200)] });
        Assert.All(Files, file => Assert.True(File.Exists(cache.PathOf(file)), file));
        if (name == "frame")
        {
            name = "archive.1000.zst";
            File.WriteAllBytes(cache.PathOf(name), Zstd.OneFrame(Zstd.Decode(File.ReadAllBytes(cache.PathOf(name)))));
        }

        return cache;
    }

    private static Dictionary<string, string> Stored(TempCache cache) => cache.List().Rows.ToDictionary(row => row.Upid, ModelTask.Show);

    private static (string[] Rows, bool IsReported) Damaged(TempCache cache, string name, byte[] content, bool doesWrite)
    {
        byte[] whole = File.ReadAllBytes(cache.PathOf(name));
        File.WriteAllBytes(cache.PathOf(name), content);
        cache.Reopen();
        string[] rows;
        bool isReported;
        using (CacheReader reader = cache.Cache.Read())
        {
            IReadOnlyList<TaskRow> list = reader.List(new TaskQuery { Limit = 0 }).Rows;
            rows = [.. list.Select(ModelTask.Show)];
            isReported = reader.Damage.Count > 0;
            Assert.Equal(list.OrderByDescending(row => row.StartTime).ThenBy(row => row.Upid, StringComparer.Ordinal).Select(row => row.Upid).Distinct(), list.Select(row => row.Upid));
            Assert.Equal(list.Count, reader.Statistics(new TaskQuery()).All.Total);
            reader.List(new TaskQuery { Scope = TaskScope.Running, Until = 2150, Since = 1010 });
            reader.Find(Some.Upid(1020));
        }

        if (doesWrite)
            Write(cache);
        File.WriteAllBytes(cache.PathOf(name), whole);
        return (rows, isReported);
    }

    /// <summary>Everything a writer does, on a copy.</summary>
    private static void Write(TempCache cache)
    {
        string copy = Path.Combine(cache.Root, "copy");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(cache.Path))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var other = TaskCache.Open(copy, cache.Options);
        using (CacheWriter writer = other.Write())
        {
            writer.Update(new TaskBatch { Tasks = [Some.Finished(1020, "new"), Some.Finished(2005, "new"), Some.Running(2300)] });
            writer.ApplyJournal();
            writer.Rotate(force: true);
            using CacheReader reader = writer.Read();
            writer.RequestRepair(reader.Damage);
            foreach (Repair repair in reader.State.Repairs)
                writer.SettleRepair(repair);
            Assert.Equal("new", reader.Find(Some.Upid(1020))?.Status);
        }

        using (CacheReader healed = other.Read())
        {
            IReadOnlyList<TaskRow> rows = healed.List(new TaskQuery { Limit = 0 }).Rows;
            Assert.Contains(rows, row => row is { StartTime: 2005, Status: "new" });
            Assert.Empty(healed.Damage);
        }

        Directory.Delete(copy, recursive: true);
    }
}
