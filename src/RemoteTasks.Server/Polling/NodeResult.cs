using RemoteTasks.Cache;

namespace RemoteTasks.Server.Polling;

/// <summary>What asking a node came to.</summary>
/// <param name="Node">The node.</param>
/// <param name="Answer">What it said; null: nothing that can be used.</param>
/// <param name="Report">What the cache is to remember of it; null: nothing.</param>
/// <param name="Problem">Why it failed, in part or altogether; null: it did not.</param>
internal sealed record NodeResult(string Node, NodeAnswer? Answer, NodeReport? Report, string? Problem)
{
    /// <summary>What is to be done once it is stored, and only then.</summary>
    internal Action? OnStored { get; init; }
}
