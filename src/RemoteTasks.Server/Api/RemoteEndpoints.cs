using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Api;

/// <summary>What goes through to the remotes: polling now, a task's state, stopping it, following it.</summary>
internal static class RemoteEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{TaskEndpoints.Base}/refresh", RefreshAsync).RequireAuthorization(Policies.Operate)
            .WithName("refresh").WithSummary("Polls remotes now and waits: all of them, or those named by the parameter 'remotes'.")
            .Takes([new TaskParameter("remotes", "array", "Ids of remotes: the parameter repeated, or separated by commas.", static (query, _) => query) { IsRepeatable = true }]);
        routes.MapGet($"{TaskEndpoints.Base}/{{upid}}/status", StatusAsync).RequireAuthorization(Policies.Read)
            .WithName("status").WithSummary("The task's state, as its remote says now.");
        routes.MapPost($"{TaskEndpoints.Base}/{{upid}}/track", TrackAsync).RequireAuthorization(Policies.Operate)
            .WithName("track").WithSummary("Follows a task that the caller has started on its remote: asked for every few seconds until it ends.");
        routes.MapDelete($"{TaskEndpoints.Base}/{{upid}}", StopAsync).RequireAuthorization(Policies.Operate)
            .WithName("stop").WithSummary("Stops a running task on its remote; needs a token that may.");
    }

    private static async Task<IResult> RefreshAsync(HttpContext context, FleetPoller poller)
    {
        if (context.Request.Query.Keys.FirstOrDefault(name => name != "remotes") is { } stranger)
            return Bad(stranger, "there is no such parameter");
        string[] remotes = [.. context.Request.Query["remotes"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];
        if (remotes.FirstOrDefault(remote => !poller.Remotes.ContainsKey(remote)) is { } unknown)
            return Error(StatusCodes.Status404NotFound, $"There is no remote '{unknown}'.");
        PollOutcome[] outcomes = await poller.RefreshAsync(remotes.Length > 0 ? remotes : poller.Remotes.Keys, context.RequestAborted);
        return Results.Json(new
        {
            data = outcomes.OrderBy(outcome => outcome.Remote, StringComparer.Ordinal).Select(outcome => new
            {
                remote = outcome.Remote,
                @new = outcome.New,
                running = outcome.Running,
                problems = outcome.Problems,
            }),
        });
    }

    private static Task<IResult> StatusAsync(string upid, FleetPoller poller, CancellationToken ct) => ThroughAsync(upid, poller, async (client, node, task) =>
    {
        TaskStatusAnswer answer = await client.GetTaskStatusAsync(node, task.Native, ct);
        return Results.Json(
            new
            {
                data = new
                {
                    upid = task.Text,
                    node = answer.Node ?? task.Node,
                    status = answer.Running ? "running" : "stopped",
                    exitstatus = answer.ExitStatus,
                    starttime = answer.StartTime,
                    type = answer.Type,
                    id = answer.Id,
                    user = answer.User,
                    pid = answer.Pid,
                },
            });
    });

    /// <summary>Only what the remote knows of: nobody else would ever say how it ends.</summary>
    private static Task<IResult> TrackAsync(string upid, FleetPoller poller, TaskStore store, CancellationToken ct) => ThroughAsync(upid, poller, async (client, node, task) =>
    {
        TaskStatusAnswer answer = await client.GetTaskStatusAsync(node, task.Native, ct);
        await store.WriteAsync(writer => writer.Update(new TaskBatch { Track = [task.Text] }), ct);
        return Results.Json(new { data = new { upid = task.Text, status = answer.Running ? "running" : "stopped" } });
    });

    private static Task<IResult> StopAsync(string upid, FleetPoller poller, CancellationToken ct) => ThroughAsync(upid, poller, async (client, node, task) =>
    {
        await client.StopTaskAsync(node, task.Native, ct);
        return Results.Json(new { data = (string?)null });
    });

    private static async Task<IResult> ThroughAsync(string upid, FleetPoller poller, Func<ProxmoxClient, string, RemoteUpid, Task<IResult>> call)
    {
        if (!RemoteUpid.TryParse(TaskEndpoints.UpidOf(upid), out RemoteUpid? task, out string? problem))
            return Bad("upid", problem);
        if (!TaskAtRemote.TryFind(poller, task, out TaskAtRemote? remote, out problem))
            return poller.Remotes.ContainsKey(task.Remote) ? Bad("upid", problem) : Error(StatusCodes.Status404NotFound, problem);
        try
        {
            return await call(remote.Client, remote.Node, task);
        }
        catch (ProxmoxException error)
        {
            return Error(StatusOf(error.Kind), error.Message);
        }
    }

    internal static int StatusOf(ProxmoxErrorKind kind) => kind switch
    {
        ProxmoxErrorKind.NotFound => StatusCodes.Status404NotFound,
        ProxmoxErrorKind.Forbidden or ProxmoxErrorKind.Unauthorized => StatusCodes.Status403Forbidden,
        ProxmoxErrorKind.Timeout => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status502BadGateway,
    };

    internal static IResult Bad(string parameter, string problem) => Results.Json(
        new { data = (string?)null, message = "parameter verification errors", errors = new Dictionary<string, string>(StringComparer.Ordinal) { [parameter] = problem } },
        statusCode: StatusCodes.Status400BadRequest);

    internal static IResult Error(int status, string message) => Results.Json(new { data = (string?)null, message }, statusCode: status);
}
