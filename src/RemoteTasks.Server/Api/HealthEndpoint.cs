using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Api;

/// <summary>Whether the daemon does its work: open to all, so it counts and names nobody.</summary>
internal static class HealthEndpoint
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], Answer).AllowAnonymous().WithName("health").WithSummary("Whether the daemon does its work. Needs no token.");

    private static IResult Answer(TaskStore store, Freshness freshness, FleetPoller poller, CacheUpkeep upkeep, RemotesWatcher watcher)
    {
        IReadOnlyList<NodeFreshness> nodes = freshness.All;
        int failing = nodes.Count(node => node.Problem is not null);
        string? reason = store.Failure is not null ? "the disk did not confirm a write"
            : poller.Failure is not null ? "polling has ended with an error"
            : upkeep.ExecuteTask is { IsFaulted: true } ? "the upkeep of the cache has ended with an error"
            : store.Refusal;
        return Results.Json(
            new
            {
                status = reason is not null ? "failed" : failing > 0 || watcher.Problem is not null ? "degraded" : "ok",
                version = typeof(HealthEndpoint).Assembly.GetName().Version?.ToString(3),
                remotes = poller.Remotes.Count,
                nodes = nodes.Count,
                nodes_failing = failing,
                cache_writable = store.Failure is null && store.Refusal is null,
                reason = reason ?? (watcher.Problem is null ? null : "the list of remotes cannot be read"),
            },
            statusCode: reason is not null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
