using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Simulation;
using RemoteTasks.Server.Api;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// Invariants checked for a query string: it is refused with a reason for each bad parameter, or answered with exactly the tasks that match, in valid
/// JSON; counts, total and the next page agree.
/// </summary>
internal static class QueryTarget
{
    private static readonly ModelTask[] Tasks = [.. SampleTasks.All.Order(ModelTask.Order)];
    private static readonly CacheReader Reader = SampleTasks.Cache(new SimDisk()).Read();

    internal static void Run(byte[] input)
    {
        // As it comes off the wire: bytes that are no ASCII do not get this far.
        var parameters = new QueryCollection(QueryHelpers.ParseQuery(Encoding.Latin1.GetString(input)));
        TaskQuery query = TaskParameters.Parse(parameters, out Dictionary<string, string> errors);
        if (errors.Count > 0)
        {
            ThrowUnless(errors.All(error => parameters.ContainsKey(error.Key) && error.Value.Length > 0), "a parameter that was not given is refused");
            return;
        }

        ModelTask[] matching = [.. Tasks.Where(task => task.Matches(query))];
        TaskPage page = Reader.List(query with { Limit = 0, Start = 0, After = null });
        ThrowUnless(page.Rows.Select(ModelTask.Show).SequenceEqual(matching.Select(task => task.Show())), "the rows are not those that match");
        ThrowUnless(Reader.Statistics(query).All.Total == matching.Length, "the counts are not those of what matches");

        TaskPage part = Reader.List(query);
        ThrowUnless(part.Total == matching.Length && (query.Limit == 0 || part.Rows.Count <= query.Limit), "a page has a wrong total, or too many rows");
        if (query.After is null)
        {
            IEnumerable<ModelTask> expected = matching.Skip((int)Math.Min(query.Start, int.MaxValue));
            expected = query.Limit == 0 ? expected : expected.Take((int)Math.Min(query.Limit, int.MaxValue));
            ThrowUnless(part.Rows.Select(ModelTask.Show).SequenceEqual(expected.Select(task => task.Show())), "a page has other rows");
        }

        using JsonDocument list = Written(json => TaskJson.WriteListAsync(json, Reader, query, static () => Task.CompletedTask).GetAwaiter().GetResult());
        ThrowUnless(list.RootElement.GetProperty("data").GetArrayLength() == part.Rows.Count && list.RootElement.GetProperty("total").GetInt64() == part.Total, "the body is not the page");
        using JsonDocument counts = Written(json => TaskJson.WriteStatistics(json, Reader.Statistics(query)));
        ThrowUnless(counts.RootElement.GetProperty("total").GetInt64() == matching.Length, "the body is not the counts");
        ThrowUnless(AnswerKey.OfList(query) == AnswerKey.OfList(query with { }) && AnswerKey.OfStatistics(query).Text.Length > 0, "a question is not like itself");
    }

    private static JsonDocument Written(Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, TaskEndpoints.Json))
            write(json);
        return JsonDocument.Parse(body.ToArray());
    }
}
