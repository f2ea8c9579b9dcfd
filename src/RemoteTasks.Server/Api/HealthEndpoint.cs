using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Api;

/// <summary>Whether the daemon does its work: open to all, so it counts and names nobody.</summary>
internal static class HealthEndpoint
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], Answer).AllowAnonymous().WithName("health").WithSummary("Whether the daemon does its work. Needs no token.");

    private static IResult Answer(TaskStore store, Freshness freshness, FleetPoller poller)
    {
        IReadOnlyList<NodeFreshness> nodes = freshness.All;
        int failing = nodes.Count(node => node.Problem is not null);
        bool isDead = store.Failure is not null || poller.ExecuteTask is { IsFaulted: true };
        return Results.Json(
            new
            {
                status = isDead ? "failed" : failing > 0 ? "degraded" : "ok",
                version = typeof(HealthEndpoint).Assembly.GetName().Version?.ToString(3),
                remotes = poller.Remotes.Count,
                nodes = nodes.Count,
                nodes_failing = failing,
                cache_writable = store.Failure is null,
                reason = store.Failure is not null ? "the disk did not confirm a write" : isDead ? "polling has ended with an error" : null,
            },
            statusCode: isDead ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
