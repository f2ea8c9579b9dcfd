namespace RemoteTasks.Server.Tests.Support;

/// <summary>How much of a machine and of its time these tests take.</summary>
internal static class Effort
{
    /// <summary>Whether there is time for many times as much: <c>REMOTE_TASKS_EFFORT=nightly</c>.</summary>
    internal static bool IsNightly { get; } = Environment.GetEnvironmentVariable("REMOTE_TASKS_EFFORT") == "nightly";

    /// <summary>One of two numbers.</summary>
    internal static int Of(int usual, int nightly) => IsNightly ? nightly : usual;
}
