using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Api;

/// <summary>What each node answered last, and what is missing of it.</summary>
internal static class FreshnessEndpoint
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet($"{TaskEndpoints.Base}/freshness", Answer).RequireAuthorization(Policies.Read)
        .WithName("freshness").WithSummary("What each node answered last, and what is missing of it; and each remote in a few words.");

    private static IResult Answer(Freshness freshness, FleetPoller poller, TaskStore store)
    {
        using CacheReader reader = store.Cache.Read();
        IReadOnlyList<NodeFreshness> nodes = freshness.All;
        ILookup<string, NodeFreshness> named = nodes.Where(node => node.Node is not null).ToLookup(node => node.Remote, StringComparer.Ordinal);
        return Results.Json(
            new FreshnessBody(
                [.. nodes.Select(node => Of(node, node.Node is null ? null : reader.State.Find(node.Remote, node.Node)))],
                [.. poller.Remotes.Values.Select(poller => Of(poller.Remote, named)).OrderBy(remote => remote.Remote, StringComparer.Ordinal)]),
            FreshnessJson.Default);
    }

    private static NodeFreshnessBody Of(NodeFreshness node, NodeState? known) => new(
        node.Remote,
        node.Node,
        node.LastReached,
        node.LastAsked,
        (long)node.Took.TotalMilliseconds,
        node.Problem,
        node.SeesAllTasks,
        node.ClockAhead,
        node.TasksPerHour is { } rate ? Math.Round(rate, 1) : null,
        known?.Cutoff,
        known?.NotReachedSince,
        [.. (known?.Gaps ?? []).Select(gap => new GapBody(gap.From, gap.To))]);

    private static RemoteFreshnessBody Of(RemoteDefinition remote, ILookup<string, NodeFreshness> named) => new(
        remote.Id, remote.Type.Word(), named[remote.Id].Count(), named[remote.Id].Count(node => node.Problem is null), remote.WebUrl);
}
