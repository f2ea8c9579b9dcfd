using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Api;

/// <summary>The log of a task: from its remote, else the copy that was kept, which says that it is one.</summary>
internal static class LogEndpoint
{
    private const int LinesDefault = 50;
    private const int LinesMax = 50_000;
    private const long StartMax = 1_000_000_000_000;

    private static readonly IReadOnlyList<TaskParameter> Parameters =
    [
        new("start", "integer", "Lines to pass over.", static (query, _) => query),
        new("limit", "integer", $"Lines to return; 0 means all, at most {LinesMax}. Default {LinesDefault}.", static (query, _) => query),
    ];

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet($"{TaskEndpoints.Base}/{{upid}}/log", AnswerAsync).RequireAuthorization(Policies.Read)
        .WithName("log").WithSummary("The task's log, from its remote, or as it was kept.").Takes(Parameters);

    private static async Task<IResult> AnswerAsync(string upid, HttpContext context, FleetPoller poller, KeptLogs kept, CancellationToken ct)
    {
        if (!TryWhole(context, "start", 0, out long start) || start > StartMax)
            return RemoteEndpoints.Bad("start", $"must be a whole number from 0 to {StartMax}");
        if (!TryWhole(context, "limit", LinesDefault, out long limit))
            return RemoteEndpoints.Bad("limit", "must be a whole number, 0 or more");
        if (!RemoteUpid.TryParse(TaskEndpoints.UpidOf(upid), out RemoteUpid? task, out string? problem))
            return RemoteEndpoints.Bad("upid", problem);
        int lines = (int)(limit == 0 ? LinesMax : Math.Min(limit, LinesMax));
        (IResult? answer, int status, string why) = await AskAsync(poller, task, start, lines, ct);
        return answer ?? (await Task.Run(() => kept.Find(task), ct) is { } copy
            ? Results.Json(new
            {
                data = copy.Lines.Where(line => line.Number > start).Take(lines).Select(line => new { n = line.Number, t = line.Text }),
                total = copy.Total,
                source = "kept",
                fetched = copy.Fetched,
                problem = why,
            })
            : RemoteEndpoints.Error(status, why));
    }

    /// <summary>The remote's answer; null, and why there is none.</summary>
    private static async Task<(IResult? Answer, int Status, string Why)> AskAsync(FleetPoller poller, RemoteUpid task, long start, int lines, CancellationToken ct)
    {
        if (!TaskAtRemote.TryFind(poller, task, out TaskAtRemote? remote, out string? problem))
            return (null, StatusCodes.Status404NotFound, problem);
        try
        {
            return await new RemoteLog(remote).AskAsync(start, lines, ct) is { } log
                ? (Results.Json(new { data = log.Lines.Select(line => new { n = line.Number, t = line.Text }), total = log.Total, source = "remote" }), 0, "")
                : (null, StatusCodes.Status404NotFound, "The node has deleted the log of this task: it keeps only those of the newest.");
        }
        catch (ProxmoxException error)
        {
            return (null, RemoteEndpoints.StatusOf(error.Kind), error.Message);
        }
    }

    private static bool TryWhole(HttpContext context, string name, long missing, out long value)
    {
        value = missing;
        return !context.Request.Query.TryGetValue(name, out var text)
            || long.TryParse(text, System.Globalization.NumberStyles.None, provider: null, out value);
    }
}
