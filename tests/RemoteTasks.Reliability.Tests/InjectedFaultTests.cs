using RemoteTasks.Reliability.Tests.Trace;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Calls of the real executable fail, as strace makes them.</summary>
public sealed class InjectedFaultTests(ITestOutputHelper output)
{
    private static readonly int FaultsMin = Effort.IsNightly ? 1_000 : 60;

    // Invariants checked for each: a process that fails says so by its exit code and acknowledges nothing; one that does not has done everything; after
    // a sync that failed it writes, syncs and renames nothing more; what was stored before is shown, once, when the power fails then and when it does
    // not; the next process goes on, and the check finds no damage.
    [Fact]
    public async Task A_call_that_fails_in_the_real_executable_loses_nothing()
    {
        Strace.SkipIfMissing();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        List<InjectedFault> faults = await InjectedFault.AllAsync(now);

        // Evenly over all of them; by night each one, and again until there are enough.
        int happened = 0;
        var broken = new List<string>();
        var borne = new List<InjectedFault>();
        double step = Effort.IsNightly ? 1 : Math.Max(1, faults.Count / (FaultsMin + 8.0));
        for (double at = 0; happened < FaultsMin && at < Math.Max(faults.Count, 3 * FaultsMin); at += step)
        {
            FaultOutcome outcome = await faults[(int)at % faults.Count].HappenAsync(now);
            happened += outcome.Happened ? 1 : 0;
            if (outcome.Broken is not null)
                broken.Add(outcome.Broken);
            else if (outcome is { Happened: true, IsDone: true })
                borne.Add(outcome.Fault);
        }

        output.WriteLine($"{faults.Count} calls and errors; {happened} happened; {borne.Count} of them did no harm: {string.Join("; ", borne)}; promises broken: {broken.Count}");
        foreach (string message in broken)
            output.WriteLine(message);
        Assert.True(broken.Count == 0, $"{broken.Count} of {happened} faults break a promise, the first: {broken.FirstOrDefault()}");
        Assert.True(happened >= FaultsMin, $"Only {happened} faults happened, {FaultsMin} are the bar.");
    }
}
