namespace RemoteTasks.Cache.Tests.Support;

/// <summary>How much of a machine and of its time these tests take.</summary>
internal static class Effort
{
    /// <summary>Whether there is time for many times as much: <c>REMOTE_TASKS_EFFORT=nightly</c>.</summary>
    internal static bool IsNightly { get; } = Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "nightly";

    /// <summary>All of the machine: the gate has five minutes.</summary>
    internal static ParallelOptions WholeMachine { get; } = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>Whether the same is done again and again, each time with another mistake in the engine: <c>REMOTE_TASKS_EFFORT=mutation</c>.</summary>
    internal static bool IsMutation { get; } = Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "mutation";

    /// <summary>One of three numbers.</summary>
    internal static int Of(int usual, int nightly, int? mutation = null) => IsNightly ? nightly : IsMutation ? mutation ?? usual : usual;
}
