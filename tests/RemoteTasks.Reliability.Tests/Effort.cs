// One test after the other: some use several threads themselves.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RemoteTasks.Reliability.Tests;

/// <summary>How much of a machine these tests take: other tests, which measure times, run at the same time.</summary>
internal static class Effort
{
    internal static ParallelOptions HalfOfTheMachine { get; } = new() { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };

    /// <summary>Whether there is a night for it: REMOTE_TASKS_EFFORT=nightly.</summary>
    internal static bool IsNightly => Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "nightly";
}
