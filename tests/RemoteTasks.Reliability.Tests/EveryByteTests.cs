using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Every byte of a small file of each kind: flipped, the file cut there, or filled with zeros from there on.</summary>
public sealed class EveryByteTests(ITestOutputHelper output)
{
    private const string Path = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const long Day = 86_400;

    private static readonly int Lines = Effort.Of(usual: 6, nightly: 60, mutation: 2);

    // To bring everything again costs more than to ask.
    private static readonly int HealEvery = Effort.Of(usual: 7, nightly: 1);

    private static readonly int Step = Effort.Of(usual: 1, nightly: 1, mutation: 5);

    // Invariants checked: what is answered is true, what is missing is named, no call fails; the cut-offs are those that were stored, or none
    // until the state is made anew; and when everything has been brought again it is all there, and nothing is damaged.
    [Theory]
    [InlineData("active")]
    [InlineData("journal")]
    [InlineData("archive.1782864000")]
    [InlineData("archive.1782777600.zst")]
    [InlineData("archive.1782777600.idx")]
    [InlineData("state")]
    [InlineData(".durable")]
    public void A_byte_that_goes_bad_is_never_answered_and_what_it_costs_is_named(string name)
    {
        SimDisk whole = Store(out TaskRecord[] records, out HashSet<string> truth);
        byte[] good = whole.Content()[$"{Path}/{name}"];
        bool isOfLines = name is "active" or "journal" or "archive.1782864000";
        (int Cases, int Missing) sum = (0, 0);
        var wrong = new ConcurrentBag<string>();
        var gate = new Lock();
        Parallel.For(0, (good.Length + Step - 1) / Step, Effort.WholeMachine, step =>
        {
            int at = step * Step;
            foreach (string how in new[] { "flipped", "cut", "zeros" })
            {
                // Cut to nothing it is what another program leaves that has emptied it.
                if (isOfLines && how == "cut" && at == 0)
                    continue;
                byte[] bad = Damage(good, at, how);
                try
                {
                    TaskCache cache = Open(whole.With($"{Path}/{name}", bad));
                    (int missing, _) = Damaged.Ask(cache, truth);
                    using (CacheReader reader = cache.Read())
                        Assert.True(reader.State.Find("pve-1", "n1")?.Cutoff is null or Now, "a cut-off that nobody stored");
                    if (at % HealEvery == 0)
                        Damaged.Heal(cache, records, truth);
                    lock (gate)
                        sum = (sum.Cases + 1, sum.Missing + missing);
                }
                catch (Exception error)
                {
                    wrong.Add($"{name} {how} at {at}: {error.Message.ReplaceLineEndings(" ")}");
                }
            }
        });

        output.WriteLine($"{name}, {good.Length:N0} bytes: {sum.Cases:N0} damaged files, {sum.Missing:N0} tasks named as damaged, {wrong.Count} wrong");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} are wrong, such as: {string.Join("; ", wrong.Order(StringComparer.Ordinal).Take(12))}");
        Assert.True(sum.Missing > 0 || name is "state" or ".durable" or "archive.1782777600.idx");
    }

    private static byte[] Damage(byte[] good, int at, string how)
    {
        byte[] bad = how == "cut" ? good[..at] : [.. good];
        if (how == "flipped")
            bad[at] ^= (byte)(1 << (at % 8));
        else if (how == "zeros")
            bad.AsSpan(at).Clear();
        return bad;
    }

    private static TaskCache Open(SimDisk disk) => TaskCache.Open(Path, new TaskCacheOptions
    {
        InitialFiles = 2,
        PlainFiles = 1,
        Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Now)),
        Disk = disk,
    });

    /// <summary>A cache with some tasks in a file of each kind.</summary>
    private static SimDisk Store(out TaskRecord[] records, out HashSet<string> truth)
    {
        var disk = new SimDisk();
        var generator = new TaskGenerator(new Random(11), Now);
        long newest = Now / Day * Day;
        ModelTask[] New(long start, bool isRunning) => [.. Enumerable.Range(0, Lines).Select(i => generator.Task(isRunning) with { Start = start - (i * 100) })
            .Select(task => isRunning ? task : task with { End = task.Start + 7 })];

        // The oldest archive takes what is older than its own name says.
        ModelTask[] archived = [.. New(Now - 100, isRunning: false), .. New(newest - 100, isRunning: false), .. New(newest - (40 * Day), isRunning: false)];
        ModelTask[] others = [.. New(Now, isRunning: false), .. New(Now - 50, isRunning: true)];
        TaskRecord[] first = [.. archived.Select(generator.Record)];
        TaskRecord[] second = [.. others.Select(generator.Record)];
        using (CacheWriter writer = Open(disk).Write())
        {
            writer.Update(new TaskBatch { Tasks = first });
            writer.ApplyJournal();
            writer.Update(new TaskBatch { Tasks = second, Nodes = [new NodeReport("pve-1", "n1", Now) { Cutoff = Now }] });
        }

        records = [.. first, .. second];
        truth = [.. archived.Concat(others).Select(task => task.Show())];
        return disk;
    }
}
