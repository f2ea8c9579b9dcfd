using System.Globalization;
using RemoteTasks.Cache;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Api;

/// <summary>The log of a task, in parts.</summary>
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

    private static async Task<IResult> AnswerAsync(string upid, HttpContext context, TaskLogReader logs, CancellationToken ct)
    {
        if (!TryWhole(context, "start", 0, out long start) || start > StartMax)
            return RemoteEndpoints.Bad("start", $"must be a whole number from 0 to {StartMax}");
        if (!TryWhole(context, "limit", LinesDefault, out long limit))
            return RemoteEndpoints.Bad("limit", "must be a whole number, 0 or more");
        if (!RemoteUpid.TryParse(TaskEndpoints.UpidOf(upid), out RemoteUpid? task, out string? problem))
            return RemoteEndpoints.Bad("upid", problem);
        LogPart log = await logs.ReadAsync(task, start, (int)(limit == 0 ? LinesMax : Math.Min(limit, LinesMax)), ct);
        if (!log.IsThere)
            return RemoteEndpoints.Error(RemoteEndpoints.StatusOf(log.Problem!.Kind), log.Problem.Text);
        var lines = log.Lines.Select(line => new { n = line.Number, t = line.Text });
        return log.Fetched is { } fetched
            ? Results.Json(new { data = lines, total = log.Total, source = "kept", fetched, problem = log.Problem!.Text })
            : Results.Json(new { data = lines, total = log.Total, source = "remote" });
    }

    private static bool TryWhole(HttpContext context, string name, long missing, out long value)
    {
        value = missing;
        return !context.Request.Query.TryGetValue(name, out var text)
            || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
