using System.Collections.Concurrent;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Trace;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Calls of the real executable fail, as strace makes them.</summary>
public sealed class InjectedFaultTests(ITestOutputHelper output)
{
    private const int OfEachKind = 15;

    private static readonly int FaultsMin = Effort.IsNightly ? 1_000 : 60;

    // Invariants checked for each: a process that fails says so by its exit code and acknowledges nothing; one that does not has done everything,
    // and bears only the loss of its note to the next process, and of what it could not open and does without; after a sync that failed it writes,
    // syncs and renames nothing more; what was stored before is shown, once, when the power fails then and when it does not; the next process goes
    // on, and the check finds no damage.
    [Fact]
    public async Task A_call_that_fails_in_the_real_executable_loses_nothing()
    {
        Strace.SkipIfMissing();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        List<InjectedFault> faults = await InjectedFault.AllAsync(now);

        // Of each kind of call some, evenly over all of them; by night all.
        int happened = 0;
        var broken = new ConcurrentBag<string>();
        var borne = new ConcurrentBag<string>();
        IEnumerable<InjectedFault> some = faults.GroupBy(fault => fault.Call).SelectMany(kind => Evenly([.. kind]));
        await Parallel.ForEachAsync(some, Effort.WholeMachine, async (fault, _) =>
        {
            FaultOutcome outcome = await fault.HappenAsync(now);
            if (outcome.File is not null)
                Interlocked.Increment(ref happened);
            if (outcome.Broken is not null)
                broken.Add(outcome.Broken);
            else if (outcome is { File: not null, IsDone: true })
                borne.Add($"{fault} on {outcome.File}");
        });

        output.WriteLine($"{faults.Count} calls and errors; {happened} happened; promises broken: {broken.Count}; {borne.Count} were borne:");
        foreach (string fault in borne)
            output.WriteLine(fault);
        foreach (string message in broken)
            output.WriteLine(message);
        Assert.True(broken.IsEmpty, $"{broken.Count} of {happened} faults break a promise, the first: {broken.FirstOrDefault()}");
        Assert.True(happened >= FaultsMin, $"Only {happened} faults happened, {FaultsMin} are the bar.");
    }

    private static IEnumerable<InjectedFault> Evenly(InjectedFault[] faults)
    {
        int count = Effort.IsNightly ? faults.Length : Math.Min(OfEachKind, faults.Length);
        return Enumerable.Range(0, count).Select(i => faults[i * faults.Length / count]);
    }
}
