using Microsoft.Coyote;
using Microsoft.Coyote.Logging;
using Microsoft.Coyote.Rewriting;
using Microsoft.Coyote.SystematicTesting;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Schedules.Tests;

/// <summary>
/// A scheduler (Coyote) decides who goes on, at every lock, every access of a collection and every call of the disk. A seed draws the same acts again;
/// temporary names and the clock are not the scheduler's, so that what follows from them may differ.
/// </summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private const int StepsMax = 1_000_000;

    // Invariants checked: there is an order of all that was done, one after the other, in which every reader would have seen what it saw; nobody waits for ever; and
    // nobody looks at a collection while somebody else changes it.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void In_every_schedule_what_is_done_could_have_been_done_one_after_the_other(int caches, uint seed)
    {
        int histories = Effort.Of(usual: 250, nightly: 2_500);
        foreach (Configuration strategy in new[] { Configuration.Create().WithPrioritizationStrategy(), Configuration.Create().WithDelayBoundingStrategy() })
        {
            Found found = Explore(strategy, caches, Mistake.None, seed, histories);
            Assert.True(found.Bug is null, $"seed {seed}: {found.Bug}\nAgain: WithReproducibleTrace with\n{found.Trace}");
            Assert.Equal(histories, found.Whole);
            output.WriteLine($"{found.Whole:N0} schedules of {caches} cache objects, {found.Calls:N0} calls of the disk, {found.Steps:N0} decisions: 0 broken");
        }
    }

    // What finds nothing proves nothing until it is known to find what is there.
    [Theory]
    [InlineData(nameof(Mistake.ReadsTaskByTask), 1)]
    [InlineData(nameof(Mistake.AcknowledgesTooEarly), 1)]
    [InlineData(nameof(Mistake.LocksNobodyOut), 2)]
    public void A_mistake_is_found(string mistake, int caches)
    {
        Found found = Explore(Configuration.Create().WithPrioritizationStrategy(), caches, Enum.Parse<Mistake>(mistake), seed: 1, histories: 2_500);
        Assert.NotNull(found.Bug);
        output.WriteLine($"{mistake}: found by schedule {found.Whole + 1:N0}: {found.Bug.Split('\n')[0]}");
    }

    private static Found Explore(Configuration strategy, int caches, Mistake mistake, uint seed, int histories)
    {
        Assert.True(RewritingEngine.IsAssemblyRewritten(typeof(History).Assembly), "The scheduler decides nothing in an assembly that was not rewritten: build it whole.");
        int whole = 0;
        long calls = 0;
        Configuration configuration = strategy
            .WithTestingIterations((uint)histories)
            .WithRandomGeneratorSeed(seed)
            .WithMaxSchedulingSteps(StepsMax)
            .WithDeadlockTimeout(60_000)
            .WithPartiallyControlledConcurrencyAllowed(false)
            .WithTelemetryEnabled(false);
        using TestingEngine engine = TestingEngine.Create(configuration, () =>
        {
            var history = new History(caches, mistake);
            history.Run();
            calls += history.Calls;
            whole++;
        });
        using var log = new MemoryLogger(VerbosityLevel.None);
        engine.SetLogger(log);
        engine.Run();
        TestReport report = engine.TestReport;
        return new Found(report.BugReports.FirstOrDefault() ?? report.InternalErrors.FirstOrDefault(), engine.ReproducibleTrace, whole, calls, report.TotalExploredFairSteps + report.TotalExploredUnfairSteps);
    }

    /// <param name="Bug">What was wrong; null when nothing was.</param>
    /// <param name="Trace">Decisions that lead there.</param>
    /// <param name="Whole">Histories that were done and checked.</param>
    /// <param name="Calls">Of the disk.</param>
    /// <param name="Steps">Decisions of the scheduler.</param>
    private sealed record Found(string? Bug, string Trace, int Whole, long Calls, long Steps);
}
