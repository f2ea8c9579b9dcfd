// One test after the other: some use several threads themselves.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace RemoteTasks.Reliability.Tests;

/// <summary>How much of a machine and of its time these tests take.</summary>
internal static class Effort
{
    /// <summary>Whether there is time for many times as much: <c>REMOTE_TASKS_EFFORT=nightly</c>.</summary>
    internal static bool IsNightly { get; } = Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "nightly";

    /// <summary>All of the machine: the gate has five minutes.</summary>
    internal static ParallelOptions WholeMachine { get; } = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>One of two numbers.</summary>
    internal static int Of(int usual, int nightly) => IsNightly ? nightly : usual;
}
