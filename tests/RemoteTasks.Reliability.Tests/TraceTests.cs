using System.Collections.Concurrent;
using RemoteTasks.Reliability.Tests.Trace;

namespace RemoteTasks.Reliability.Tests;

/// <summary>What the real processes asked the real kernel for, and every disk that a crash could have left behind it.</summary>
public sealed class TraceTests(ITestOutputHelper output)
{
    // The bar: so many different disks.
    private static readonly int DisksMin = Effort.IsNightly ? 200_000 : 10_000;
    private static readonly int Seeds = Effort.IsNightly ? 120 : 10;
    private static readonly int ProductSeeds = Effort.IsNightly ? 10 : 1;
    private static readonly int Parts = Effort.IsNightly ? 40 : 12;

    // Invariants checked on every disk: what was acknowledged before the crash is shown, once, in its last version and in order; nothing else is; no
    // cut-off claims what is not stored; nothing is unreadable but what was torn from the midst of an append; a writer recovers it and goes on.
    [Fact]
    public async Task What_was_acknowledged_survives_every_crash_that_the_real_calls_allow()
    {
        Strace.SkipIfMissing();
        var recordings = new List<Recording>();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        for (int seed = 1; seed <= ProductSeeds; seed++)
            recordings.Add(await Recording.OfProductAsync(seed, now));
        for (int seed = 1; seed <= Seeds; seed++)
            recordings.Add(await Recording.OfScriptAsync(seed));

        var all = new ReplayFigures();
        var broken = new ConcurrentBag<string>();
        Parallel.For(0, recordings.Count, Effort.HalfOfTheMachine, i =>
        {
            var figures = new ReplayFigures();
            if (new Replay(recordings[i].Name, i, Parts, figures).Broken(recordings[i].Files, recordings[i].Events) is { } promise)
                broken.Add(promise);
            lock (all)
                all.Add(figures);
        });
        output.WriteLine($"{recordings.Count} traces, {recordings.Sum(recording => recording.Events.Count):N0} calls; {all}; broken {broken.Count}");
        foreach (string message in broken)
            output.WriteLine(message);
        Assert.True(broken.IsEmpty, $"{broken.Count} of {recordings.Count} traces break a promise, the first: {broken.Order().FirstOrDefault()}");
        Assert.True(all.Disks.Count >= DisksMin, $"Only {all.Disks.Count} different disks, {DisksMin} are the bar.");
    }
}
