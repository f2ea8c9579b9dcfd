// One test after the other: some use several threads themselves.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RemoteTasks.Reliability.Tests;

/// <summary>How much of a machine these tests take: other tests, which measure times, run at the same time.</summary>
internal static class Effort
{
    internal static ParallelOptions HalfOfTheMachine { get; } = new() { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };

    /// <summary>Whether there is time for many times as much: <c>REMOTE_TASKS_EFFORT=nightly</c>.</summary>
    internal static bool IsNightly { get; } = Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "nightly";

    /// <summary>One of two numbers.</summary>
    internal static int Of(int usual, int nightly) => IsNightly ? nightly : usual;
}
