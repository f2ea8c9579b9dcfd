using System.Collections.Concurrent;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Every call to the disk fails: once, and for ever.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly int Seeds = Effort.Of(usual: 4, nightly: 200, mutation: 1);
    private static readonly int Step = Effort.Of(usual: 1, nightly: 1, mutation: 5);

    // Invariants checked for each call of a life: what was acknowledged is shown by the process that saw the failure, after a power failure in
    // that moment, and by the next process; a failed sync is told as such, is never tried again, and nothing is acknowledged after it; what
    // the next process shows survives a power failure too, though the kernel took lost bytes for written.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_that_fails_loses_nothing_and_is_never_taken_for_done(bool isForEver)
    {
        long faults = 0;
        var broken = new ConcurrentBag<string>();
        Parallel.For(1, Seeds + 1, Effort.WholeMachine, seed =>
        {
            bool isDue = true;
            for (int failing = 0; isDue; failing += Step)
            {
                try
                {
                    isDue = FaultRun.Live(seed, failing, isForEver);
                }
                catch (BrokenPromise error)
                {
                    broken.Add(error.Message);
                }

                Interlocked.Increment(ref faults);
            }
        });
        output.WriteLine($"{faults:N0} faults; promises broken: {broken.Count}");
        foreach (string message in broken.Take(40))
            output.WriteLine(message);
        Assert.True(broken.IsEmpty, $"{broken.Count} of {faults} faults break a promise, the first: {broken.Order().FirstOrDefault()}");
    }
}
