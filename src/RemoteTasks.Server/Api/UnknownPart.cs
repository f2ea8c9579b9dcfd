using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Api;

/// <summary>
/// What an answer cannot speak for: tasks of one node or (null) all of them that began from one time to another (null: until now), in seconds since the epoch.
/// </summary>
/// <param name="Reason"><c>not-reached</c>, <c>hidden</c>, <c>forgotten</c> or <c>damaged</c>.</param>
/// <param name="Remote">The remote's id.</param>
/// <param name="Node">The node as it is polled: <c>localhost</c> of a Backup Server.</param>
/// <param name="From">Start time of the first.</param>
/// <param name="To">Start time of the last.</param>
public sealed record UnknownPart(string Reason, string? Remote, string? Node, long From, long? To)
{
    /// <summary>The node has not answered since the time it begins with.</summary>
    public const string NotReached = "not-reached";

    /// <summary>The node answers, but its tasks are not all shown to the token.</summary>
    public const string Hidden = "hidden";

    /// <summary>The node had forgotten them before they were fetched.</summary>
    public const string Forgotten = "forgotten";

    /// <summary>A file of the cache is damaged there.</summary>
    public const string Damaged = "damaged";

    /// <summary>In the words of REST.</summary>
    public static UnknownPart Of(UnknownSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return new(JsonNamingPolicy.KebabCaseLower.ConvertName(span.Reason.ToString()), span.Remote, span.Node, span.From, span.To);
    }

    /// <summary>What the cache says of it, and what the daemon alone knows: of a node that hides tasks the cache only remembers that it gave no full answer.</summary>
    internal static IReadOnlyList<UnknownPart> Join(IReadOnlyList<UnknownSpan> spans, CacheState state, TaskQuery query, HiddenNodes hidden)
    {
        if (hidden.All.Count == 0)
            return [.. spans.Select(Of)];
        IEnumerable<UnknownPart> others = spans
            .Where(span => span.Reason != UnknownReason.NotReached || !hidden.Contains(span.Remote ?? "", span.Node ?? ""))
            .Select(Of);
        IEnumerable<UnknownPart> hiding = hidden.All
            .Where(node => IsAsked(query, node.Remote, node.Node))
            .Select(node => new UnknownPart(Hidden, node.Remote, node.Node, state.Find(node.Remote, node.Node)?.Cutoff ?? 0, To: null))
            .Where(part => !(part.From > query.Until));
        return [.. others.Concat(hiding)
            .OrderBy(part => part.Remote, StringComparer.Ordinal)
            .ThenBy(part => part.Node, StringComparer.Ordinal)
            .ThenBy(part => part.From)];
    }

    /// <summary>A Backup Server is polled as <c>localhost</c> and named otherwise in its UPIDs, so it may always be the one that is asked for.</summary>
    private static bool IsAsked(TaskQuery query, string remote, string node) =>
        (query.Remote is null || query.Remote == remote) && (query.Node is null || query.Node == node || node == "localhost");
}
