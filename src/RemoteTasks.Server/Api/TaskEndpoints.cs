using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;

namespace RemoteTasks.Server.Api;

/// <summary>What is answered from the cache: the list, its counts, one task.</summary>
internal static class TaskEndpoints
{
    internal const string Base = "/api2/json/remotes/tasks";

    private const int PartsDefault = 100;

    private static readonly TaskParameter PartsParameter = new(
        "parts", "integer", $"How many parts at most, to {TaskHistogram.PartsMax}. Default {PartsDefault}.", static (query, _) => query);

    // Non-ASCII text goes out as it is; the answer is JSON in UTF-8, never part of a page.
    internal static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Base}/list", ListAsync).RequireAuthorization(Policies.Read)
            .WithName("list").WithSummary("Tasks of all remotes, newest start first.")
            .WithDescription("total: how many match in all. next: pass it as 'after' to continue. unknown: what the answer cannot speak for.")
            .Takes(TaskParameters.All);
        routes.MapGet($"{Base}/statistics", StatisticsAsync).RequireAuthorization(Policies.Read)
            .WithName("statistics").WithSummary("Counts by worker type, remote and node of everything that matches; start, limit and after change nothing.")
            .Takes(TaskParameters.All);
        routes.MapGet($"{Base}/histogram", HistogramAsync).RequireAuthorization(Policies.Read)
            .WithName("histogram").WithSummary("Counts by start time of everything that matches, in at most 'parts' equal parts; start, limit and after change nothing.")
            .Takes([.. TaskParameters.All, PartsParameter]);
        routes.MapGet($"{Base}/{{upid}}", FindAsync).RequireAuthorization(Policies.Read)
            .WithName("task").WithSummary("One task from the cache, by its UPID with kind and remote, percent-encoded.");
    }

    /// <summary>A UPID from a path: the server leaves an encoded slash encoded, and old PVE ids may hold one.</summary>
    internal static string UpidOf(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static Task ListAsync(HttpContext context, TaskAnswers answers) =>
        answers.AnswerAsync(context, AnswerKey.OfList, TaskJson.WriteListAsync);

    private static Task StatisticsAsync(HttpContext context, TaskAnswers answers) =>
        answers.AnswerAsync(context, AnswerKey.OfStatistics, (json, reader, query, hidden, _) =>
        {
            TaskJson.WriteStatistics(json, reader, query, hidden);
            return Task.CompletedTask;
        });

    /// <summary>One parameter more than the list has; the rest is read as there.</summary>
    private static Task HistogramAsync(HttpContext context, TaskAnswers answers)
    {
        int parts = PartsDefault;
        if (context.Request.Query.TryGetValue(PartsParameter.Name, out StringValues text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out parts) || parts is < 1 or > TaskHistogram.PartsMax))
        {
            return ApiError.BadParametersAsync(context, new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [PartsParameter.Name] = $"must be a whole number from 1 to {TaskHistogram.PartsMax}",
            });
        }

        return answers.AnswerAsync(context, query => AnswerKey.OfHistogram(query, parts), (json, reader, query, hidden, _) =>
        {
            TaskHistogram histogram = reader.Histogram(query, parts);
            TaskJson.WriteHistogram(json, histogram, UnknownPart.Join(reader.Unknown(query), reader.State, query, hidden));
            return Task.CompletedTask;
        }, PartsParameter.Name);
    }

    /// <summary>Looks again where an archive has gone bad meanwhile: what can still be read is found then.</summary>
    private static TaskRow? Find(TaskStore store, RemoteUpid upid)
    {
        try
        {
            using CacheReader reader = store.Cache.Read();
            return reader.Find(upid.Text);
        }
        catch (CacheException error) when (error.Error == CacheError.WentBad)
        {
            using CacheReader reader = store.Cache.Read();
            return reader.Find(upid.Text);
        }
    }

    private static async Task FindAsync(string upid, HttpContext context, TaskStore store)
    {
        upid = UpidOf(upid);
        if (!RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out string? problem))
        {
            await ApiError.BadParametersAsync(context, new Dictionary<string, string>(StringComparer.Ordinal) { ["upid"] = problem });
            return;
        }

        if (Find(store, parsed) is not { } row)
        {
            await ApiError.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such task in the cache.");
            return;
        }

        context.Response.ContentType = "application/json";
        var json = new Utf8JsonWriter(context.Response.BodyWriter, Json);
        await using (json)
        {
            json.WriteStartObject();
            json.WritePropertyName("data"u8);
            TaskJson.WriteRow(json, row.View);
            json.WriteEndObject();
        }
    }
}
