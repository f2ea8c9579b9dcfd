using System.IO.Hashing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>A cache with a file that was not written by it: what must hold for whatever is in there.</summary>
internal sealed class HostileCache
{
    private const string Folder = "/hostile";
    private const int LookUpsMax = 3;
    private const int UsedOnEach = 4;

    private static readonly TaskRecord More = new("pve:more!UPID:n1:00000001:00000002:00001000:vzdump:100:root@pam:", 0x1000, "OK", 0x1001);

    private readonly TaskCache _cache;
    private readonly bool _isUsedOn;

    internal HostileCache(params IReadOnlyCollection<(string Name, byte[] Bytes)> files)
    {
        _isUsedOn = files.Count == 0 || XxHash3.HashToUInt64(files.First().Bytes) % UsedOnEach == 0;
        Disk = new SimDisk(files.ToDictionary(file => $"{Folder}/{file.Name}", file => file.Bytes));
        _cache = TaskCache.Open(Folder, new TaskCacheOptions { Disk = Disk, InitialFiles = 1, Clock = StoppedClock.Instance });
    }

    internal SimDisk Disk { get; }

    internal TaskCache Cache => _cache;

    /// <summary>Every line of some bytes that can be understood, and how many cannot.</summary>
    internal static TaskLine[] Lines(ReadOnlyMemory<byte> bytes, out int bad)
    {
        var lines = new List<TaskLine>();
        var parser = new LineParser();
        bad = 0;
        while (bytes.Length > 0)
        {
            int newline = bytes.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = newline < 0 ? bytes : bytes[..newline];
            bytes = newline < 0 ? default : bytes[(newline + 1)..];
            if (parser.TryParse(line, out TaskLine parsed, out _))
                lines.Add(parsed.Detach());
            else if (line.Length > 0)
                bad++;
        }

        return [.. lines];
    }

    /// <summary>A line as it is shown.</summary>
    internal static string Show(in TaskLine line) => ModelTask.Show(new TaskRow(line));

    /// <summary>
    /// All that is shown. Invariants checked: each UPID once, newest first; total, counts, the whole read from lines instead of columns, pages and
    /// single look-ups say the same.
    /// </summary>
    internal string[] Rows(out IReadOnlyCollection<Damage> damage)
    {
        using CacheReader reader = _cache.Read();
        TaskPage page = reader.List(new TaskQuery { Limit = 0 });
        string[] rows = [.. page.Rows.Select(ModelTask.Show)];
        ThrowUnless(page.Rows.Select(row => row.Upid).Distinct(StringComparer.Ordinal).Count() == rows.Length, "a task is shown twice");
        ThrowUnless(page.Rows.Zip(page.Rows.Skip(1)).All(pair => pair.First.StartTime >= pair.Second.StartTime), "rows are not in order");
        ThrowUnless(page.Total == rows.Length, $"total and rows differ: {page.Total}, {rows.Length}");
        ThrowUnless(reader.Statistics(new TaskQuery()).All.Total == rows.Length, "the counts and the rows differ");
        string[] lines = [.. reader.List(new TaskQuery { Limit = 0, Text = "UPID:" }).Rows.Select(ModelTask.Show)];
        ThrowUnless(lines.SequenceEqual(rows), $"lines and columns differ: {string.Join(" / ", lines.Except(rows).Concat(rows.Except(lines)))}");
        if (rows.Length > 1)
        {
            int half = rows.Length / 2;
            TaskPage rest = reader.List(new TaskQuery { Limit = 0, After = page.Rows[half - 1].Upid });
            ThrowUnless(rest.Rows.Select(ModelTask.Show).SequenceEqual(rows.Skip(half)), "a page behind a task is not the rest");
        }

        for (int i = 0; i < Math.Min(rows.Length, LookUpsMax); i++)
            ThrowUnless(reader.Find(page.Rows[i].Upid) is { } found && ModelTask.Show(found) == rows[i], $"a task that is shown is not found: {rows[i]}");
        damage = reader.Damage;
        return rows;
    }

    /// <summary>
    /// A new task comes, everything is merged, a new file begins. Invariant checked: what was shown stays, and nothing comes to it. Costs much more than
    /// reading, and is done for some inputs only; which, their bytes tell.
    /// </summary>
    /// <returns>Whether it was done.</returns>
    internal bool UseOn(string[] shown)
    {
        if (!_isUsedOn)
            return false;
        using (CacheWriter writer = _cache.Write())
        {
            writer.Update(new TaskBatch { Tasks = [More] });
            writer.ApplyJournal();
            writer.Rotate(force: true);
        }

        string more = Show(Lines(More.ToLine(), out _)[0]);
        string[] expected = [.. shown.Where(row => !row.StartsWith($"{More.Upid}|", StringComparison.Ordinal)).Append(more).Order(StringComparer.Ordinal)];
        string[] rows = [.. Rows(out _).Order(StringComparer.Ordinal)];
        ThrowUnless(rows.SequenceEqual(expected), $"used on, rows differ: {string.Join(" / ", rows.Except(expected).Concat(expected.Except(rows)))}");
        return true;
    }

    /// <summary>Time stands still, so that one input does the same each time.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        internal static readonly StoppedClock Instance = new();

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_782_900_000);
    }
}
