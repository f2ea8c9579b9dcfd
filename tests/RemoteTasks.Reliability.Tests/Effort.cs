// One test after the other: some use several threads themselves.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RemoteTasks.Reliability.Tests;

/// <summary>How much of a machine these tests take: other tests, which measure times, run at the same time.</summary>
internal static class Effort
{
    private const string Variable = "REMOTE_TASKS_EFFORT";

    internal static ParallelOptions HalfOfTheMachine { get; } = new() { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };

    /// <summary>How often something is tried: each time the tests are run, and where <c>REMOTE_TASKS_EFFORT=nightly</c> asks for more.</summary>
    internal static int Times(int always, int nightly) => Environment.GetEnvironmentVariable(Variable) == "nightly" ? nightly : always;
}
