using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Bytes of an archive that go bad: before it is opened, or while it is, after its index was verified and without a trace in its inode.</summary>
public sealed class RotTests
{
    private const string Path = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const int Tasks = 300;

    private static readonly int Step = Effort.Of(usual: 31, nightly: 1, mutation: 900);

    private readonly ITestOutputHelper _output;

    private readonly HashSet<string> _truth;
    private readonly TaskRecord[] _records;
    private readonly TaskCacheOptions _options;
    private readonly Dictionary<string, byte[]> _whole;
    private readonly string _archive;
    private int _refused;
    private int _lost;

    public RotTests(ITestOutputHelper output)
    {
        _output = output;
        var disk = new SimDisk();
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now));
        _options = new TaskCacheOptions { InitialFiles = 1, RetainBytesMax = null, Clock = clock };
        var generator = new TaskGenerator(new Random(7), Now);
        ModelTask[] tasks = [.. Enumerable.Range(0, Tasks).Select(_ => generator.Task(isRunning: false)).DistinctBy(task => task.Upid)];
        _truth = [.. tasks.Select(task => task.Show())];
        _records = [.. tasks.Select(generator.Record)];
        using (CacheWriter writer = Open(disk).Write())
        {
            writer.Update(new TaskBatch { Tasks = _records });
            writer.ApplyJournal();
        }

        _whole = disk.Content();
        _archive = _whole.Keys.Single(name => name.EndsWith(".zst", StringComparison.Ordinal));
    }

    // Invariants checked for bytes all over an archive: whatever is answered is true; what is missing is said to be damage, total does not
    // count it, and when it has been brought again everything is there and nothing is damaged any more.
    [Fact]
    public void What_goes_bad_while_it_is_open_is_never_answered_is_named_and_can_be_brought_again()
    {
        int bytes = 0;
        for (int at = 0; at < _whole[_archive].Length; at += Step, bytes++)
        {
            var bad = new SimDisk(_whole);
            TaskCache cache = Open(bad);
            using (CacheReader before = cache.Read())
                Assert.Equal(_truth.Count, before.Stream(new TaskQuery()).Total);
            bad.Rot(_archive, at);
            AskAndHeal(cache);
        }

        _output.WriteLine($"{bytes:N0} bytes flipped in an open archive: {_refused:N0} answers refused, {_lost:N0} tasks named as damaged, 0 wrong");
        Assert.True(_refused > 0 && _lost > 0);
    }

    // The same for a file that is found bad: bytes flipped, its end cut off, its end filled with zeros.
    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("zeros")]
    public void What_is_found_bad_is_never_answered_is_named_and_can_be_brought_again(string how)
    {
        int files = 0;
        byte[] good = _whole[_archive];
        for (int at = 0; at < good.Length; at += Step, files++)
        {
            byte[] bad = how == "cut" ? good[..at] : [.. good];
            if (how == "flipped")
                bad[at] ^= (byte)(1 << (at % 8));
            else if (how == "zeros")
                bad.AsSpan(at).Clear();
            AskAndHeal(Open(new SimDisk(new Dictionary<string, byte[]>(_whole) { [_archive] = bad })));
        }

        _output.WriteLine($"{files:N0} archives {how}: {_lost:N0} tasks named as damaged, 0 wrong");
        Assert.True(_refused == 0 && _lost > 0);
    }

    private TaskCache Open(SimDisk disk) => TaskCache.Open(Path, _options with { Disk = disk });

    private void AskAndHeal(TaskCache cache)
    {
        (int missing, bool isRefused) = Damaged.Ask(cache, _truth);
        _lost += missing;
        _refused += isRefused ? 1 : 0;
        Damaged.Heal(cache, _records, _truth);
    }
}
