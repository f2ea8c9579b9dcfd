using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using ZstdSharp;

namespace RemoteTasks.Reliability.Tests;

/// <summary>A cache as other programs write it, kept as files: plain and compressed archives, the old form of UPIDs, a journal with two versions of a task.</summary>
public sealed class GoldenFilesTests : IDisposable
{
    private const long Now = 1_782_777_600 + 20_000;
    private const string More = "pve:cluster!UPID:node-0:00000001:00000002:6A435FA0:vzdump:100:root@pam:";

    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Golden");

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-golden-").FullName;
    private readonly TaskCache _cache;

    public GoldenFilesTests()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Golden, "reference")))
            File.Copy(file, Path.Combine(_directory, Path.GetFileName(file)));
        _cache = TaskCache.Open(_directory, new TaskCacheOptions { Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now)), RetainBytesMax = null });
    }

    private static string[] Expected => File.ReadAllLines(Path.Combine(Golden, "expected.txt"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_others_wrote_is_read_without_a_difference()
    {
        using CacheReader reader = _cache.Read();
        Assert.Equal(Expected, Rows(reader));
        Assert.Empty(reader.Damage);
        Assert.Equal(1_782_777_600 + 5_000, reader.State.Find("cluster", "node-0")?.Cutoff);
        Assert.False(_cache.Check().IsDamaged);
    }

    // Invariants checked by the rules in docs/FORMAT.md, with a reader of JSON and one of zstd and nothing of the product: every line has its members, a UPID with kind
    // whose start time is the line's, an end, and the members nobody knows; files are sorted, each UPID once, each task between its file's bounds.
    [Fact]
    public void What_is_written_over_it_can_be_read_by_the_rules()
    {
        long start = Convert.ToInt64("6A435FA0", 16);
        using (CacheWriter writer = _cache.Write())
        {
            writer.Update(new TaskBatch { Tasks = [new TaskRecord(More, start, "OK", start + 1)] });
            writer.Rotate(force: true);
        }

        string[] rows;
        using (CacheReader reader = _cache.Read())
            rows = Rows(reader);
        Assert.Equal(Expected.Append($"{More}|cluster|node-0|1|2|{start}|vzdump|100|root@pam|{start + 1}|OK|Ok").Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));

        long upper = long.MaxValue;
        int notes = 0;
        var upids = new List<string>();
        string[] files = [.. Directory.EnumerateFiles(_directory, "archive.*").Where(file => !file.EndsWith(".idx", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            long epoch = long.Parse(Path.GetFileName(file).Split('.')[1]);
            (long Start, string Upid) last = (long.MaxValue, "");
            foreach (string line in Lines(file))
            {
                JsonElement task = JsonDocument.Parse(line).RootElement;
                string upid = task.GetProperty("upid").GetString()!;
                long began = task.GetProperty("starttime").GetInt64();
                bool isPbs = upid.StartsWith("pbs:", StringComparison.Ordinal);
                Assert.True(isPbs || upid.StartsWith("pve:", StringComparison.Ordinal), line);
                Assert.Equal(began, Convert.ToInt64(upid.Split('!')[1].Split(':')[isPbs ? 5 : 4], 16));
                Assert.True(task.GetProperty("endtime").GetInt64() >= began, line);
                Assert.True(began < last.Start || (began == last.Start && string.CompareOrdinal(upid, last.Upid) > 0), $"not in order: {line}");
                Assert.True((began >= epoch || file == files[^1]) && began < upper, $"in the wrong file: {line}");
                notes += task.TryGetProperty("x-note", out _) ? 1 : 0;
                upids.Add(upid);
                last = (began, upid);
            }

            upper = epoch;
        }

        Assert.Equal(rows.Where(row => !row.EndsWith("|Running", StringComparison.Ordinal)).Select(row => row.Split('|')[0]).Order(StringComparer.Ordinal), upids.Order(StringComparer.Ordinal));
        Assert.True(notes > 0);
        Assert.Equal(0, new FileInfo(Path.Combine(_directory, "journal")).Length);
    }

    private static string[] Rows(CacheReader reader) => [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];

    private static string[] Lines(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (file.EndsWith(".zst", StringComparison.Ordinal))
        {
            using var decoded = new MemoryStream();
            using var stream = new DecompressionStream(new MemoryStream(bytes));
            stream.CopyTo(decoded);
            bytes = decoded.ToArray();
        }

        Assert.True(bytes.Length == 0 || bytes[^1] == (byte)'\n');
        return Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
