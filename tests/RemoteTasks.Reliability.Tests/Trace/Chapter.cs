using RemoteTasks.Cache;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>What is promised for some time of a trace.</summary>
/// <param name="Name">What is being done.</param>
/// <param name="Promise">What may be shown meanwhile.</param>
/// <param name="Options">How the cache is kept; the disk and the clock are another's.</param>
/// <param name="Now">The time, in seconds since the epoch.</param>
internal sealed record Chapter(string Name, Promise Promise, TaskCacheOptions Options, long Now)
{
    /// <summary>Whether it was acknowledged.</summary>
    internal bool IsDone { get; init; }

    /// <summary>Whether the next writer must have it done wholly or not at all.</summary>
    internal bool IsWhole { get; init; }

    /// <summary>Where nobody asks what.</summary>
    internal static Chapter Acknowledged { get; } = new("done", Promise.Of(World.Empty, World.Empty), new TaskCacheOptions(), 0) { IsDone = true };
}
