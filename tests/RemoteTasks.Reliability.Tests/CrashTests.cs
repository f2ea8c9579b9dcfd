using System.Collections.Concurrent;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests;

/// <summary>A power failure between any two changes of the disk, and again during recovery.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly int Seeds = Effort.Of(usual: 50, nightly: 2_400, mutation: 1);
    private static readonly int FailuresPerCall = Effort.Of(usual: 12, nightly: 12, mutation: 4);
    private static readonly int SeedsToCatch = Effort.Of(usual: 8, nightly: 60);

    // Invariants checked in every state that a failure can leave: everything acknowledged is shown, once, in its last version and in order;
    // nothing else is; no cut-off claims what is not stored; nothing is unreadable but what was torn from the midst of an append; and the
    // cache goes on from there.
    [Fact]
    public void What_was_acknowledged_survives_every_power_failure()
    {
        var all = new CrashFigures();
        var broken = new ConcurrentBag<string>();
        Parallel.For(1, Seeds + 1, Effort.WholeMachine, seed =>
        {
            try
            {
                CrashFigures figures = CrashRun.Live(seed, FailuresPerCall);
                lock (all)
                    all.Add(figures);
            }
            catch (BrokenPromise error)
            {
                broken.Add(error.Message);
            }
        });
        output.WriteLine($"{all}; promises broken: {broken.Count}");
        foreach (string message in broken)
            output.WriteLine(message);
        Assert.True(broken.IsEmpty, $"{broken.Count} of {Seeds} seeds break a promise, the first: {broken.Order().FirstOrDefault()}");
    }

    // A harness that finds nothing proves nothing until it is known to find what is there.
    [Fact]
    public void Every_planted_bug_is_caught()
    {
        SkipWhereTheEngineIsMistaken();
        var missed = new ConcurrentBag<string>();
        Parallel.ForEach(PlantedBug.All, Effort.WholeMachine, bug =>
        {
            string? caught = Catch(bug);
            output.WriteLine($"{bug}: {caught ?? "NOT CAUGHT"}");
            if (caught is null)
                missed.Add(bug.Name);
        });
        Assert.Empty(missed);
    }

    [Fact]
    public void What_is_harmless_is_known_by_name()
    {
        SkipWhereTheEngineIsMistaken();
        foreach (PlantedBug bug in PlantedBug.Harmless)
        {
            string? caught = Catch(bug);
            output.WriteLine($"{bug}: {caught ?? "harmless"}");
            Assert.Null(caught);
        }
    }

    private static void SkipWhereTheEngineIsMistaken() => Assert.SkipWhen(Effort.IsMutation, "It tests the harness, not the engine.");

    private static string? Catch(PlantedBug bug)
    {
        for (int seed = 1; seed <= SeedsToCatch; seed++)
        {
            try
            {
                CrashRun.Live(seed, FailuresPerCall, bug.Plant);
            }
            catch (BrokenPromise error)
            {
                return error.Message;
            }
        }

        return null;
    }
}
