using System.Text.Json.Serialization;

namespace RemoteTasks.Server.Api;

/// <summary>How fresh the list is. Times are seconds since the epoch.</summary>
/// <param name="Data">Node by node.</param>
/// <param name="Remotes">Remote by remote.</param>
public sealed record FreshnessBody(IReadOnlyList<NodeFreshnessBody> Data, IReadOnlyList<RemoteFreshnessBody> Remotes);

/// <summary>How fresh the list is for one node.</summary>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node; null for the remote as a whole, when it did not even name its nodes.</param>
/// <param name="LastReached">When it answered last; null: never since the daemon began.</param>
/// <param name="LastAsked">When it was asked last.</param>
/// <param name="TookMs">How long the last answer took.</param>
/// <param name="Problem">What is wrong, with the remedy; null: nothing.</param>
/// <param name="SeesAllTasks">False: the token sees only its own tasks there; null: not known.</param>
/// <param name="ClockAhead">Seconds by which its clock is ahead of the daemon's (negative: behind); null: not known.</param>
/// <param name="TasksPerHour">Tasks that began there in an hour, of late.</param>
/// <param name="Cutoff">Start time of the newest task up to which everything is known; null: nothing yet.</param>
/// <param name="NotReachedSince">When it stopped giving full answers; null: it gives them.</param>
/// <param name="Gaps">What it had forgotten before it was fetched.</param>
public sealed record NodeFreshnessBody(
    string Remote,
    string? Node,
    long? LastReached,
    long LastAsked,
    long TookMs,
    string? Problem,
    bool? SeesAllTasks,
    long? ClockAhead,
    double? TasksPerHour,
    long? Cutoff,
    long? NotReachedSince,
    IReadOnlyList<GapBody> Gaps);

/// <summary>A span of start times, ends included.</summary>
public sealed record GapBody(long From, long To);

/// <summary>A remote that is polled.</summary>
/// <param name="Remote">Its id.</param>
/// <param name="Type"><c>pve</c> or <c>pbs</c>.</param>
/// <param name="Nodes">Nodes that it named.</param>
/// <param name="Reachable">Those of them that answered in full when they were asked last.</param>
/// <param name="WebUrl">Where a browser finds its own page; null: not known.</param>
public sealed record RemoteFreshnessBody(string Remote, string Type, int Nodes, int Reachable, string? WebUrl);

/// <summary>JSON of <see cref="FreshnessBody"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(FreshnessBody))]
public sealed partial class FreshnessJson : JsonSerializerContext;
