using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Api;

/// <summary>Tasks as JSON, in the reference's words, with what it lacks beside them.</summary>
public static class TaskJson
{
    /// <summary>
    /// One row: <c>{upid,remote,node,pid,pstart,starttime,worker_type,worker_id,user,endtime?,status?}</c>; <c>worker_id</c> is null when the task has none.
    /// </summary>
    public static void WriteRow(Utf8JsonWriter json, in TaskView row)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (PlainRow.TryWrite(json, row))
            return;
        Span<byte> scratch = row.WorkerIdBytesMax <= 512 ? stackalloc byte[512] : new byte[row.WorkerIdBytesMax];
        ReadOnlySpan<byte> workerId = row.WorkerId(scratch);
        json.WriteStartObject();
        json.WriteString("upid"u8, row.Upid);
        json.WriteString("remote"u8, row.Remote);
        json.WriteString("node"u8, row.Node);
        json.WriteNumber("pid"u8, row.Pid);
        json.WriteNumber("pstart"u8, row.PStart);
        json.WriteNumber("starttime"u8, row.StartTime);
        json.WriteString("worker_type"u8, row.WorkerType);
        if (workerId.IsEmpty)
            json.WriteNull("worker_id"u8);
        else
            json.WriteString("worker_id"u8, workerId);
        json.WriteString("user"u8, row.User);
        if (row.EndTime is { } endtime)
            json.WriteNumber("endtime"u8, endtime);
        if (row.HasStatus)
            json.WriteString("status"u8, row.Status);
        json.WriteEndObject();
    }

    /// <summary>A whole list body, row by row: <c>{"data":[...],"total":n,"next":"...","unknown":[...]}</c>.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="reader">The snapshot.</param>
    /// <param name="query">What to list.</param>
    /// <param name="flush">Called now and then between rows, so that an answer of any length needs little memory.</param>
    public static Task WriteListAsync(Utf8JsonWriter json, CacheReader reader, TaskQuery query, Func<Task> flush) =>
        WriteListAsync(json, reader, query, HiddenNodes.None, flush);

    /// <summary>The same, with what a daemon knows beside its cache.</summary>
    internal static async Task WriteListAsync(Utf8JsonWriter json, CacheReader reader, TaskQuery query, HiddenNodes hidden, Func<Task> flush)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(flush);
        using TaskListing rows = reader.Stream(query);
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        long flushed = 0;
        while (rows.MoveNext())
        {
            WriteRow(json, rows.Current);

            // All that was written counts: over a pipe the writer commits by itself every few thousand bytes, and what is pending stays small
            // while the pipe grows to the size of the answer.
            long written = json.BytesCommitted + json.BytesPending;
            if (written - flushed <= FlushBytes)
                continue;
            await flush();
            flushed = written;
        }

        json.WriteEndArray();
        json.WriteNumber("total"u8, rows.Total);
        if (rows.Next is { } next)
            json.WriteString("next"u8, next);
        WriteUnknown(json, UnknownPart.Join(reader.Unknown(query), reader.State, query, hidden));
        json.WriteEndObject();
    }

    /// <summary>A whole statistics body: <c>{"data":{"by-type":{TYPE:{ok,warning,error,unknown,running}},"by-remote":{...},"by-node":{REMOTE:{NODE:{...}}},"all":{...}},"total":n,...}</c>.</summary>
    public static void WriteStatistics(Utf8JsonWriter json, TaskStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        WriteStatistics(json, statistics, [.. statistics.Unknown.Select(UnknownPart.Of)]);
    }

    /// <summary>The same, with what a daemon knows beside its cache.</summary>
    internal static void WriteStatistics(Utf8JsonWriter json, CacheReader reader, TaskQuery query, HiddenNodes hidden)
    {
        TaskStatistics statistics = reader.Statistics(query);
        WriteStatistics(json, statistics, UnknownPart.Join(statistics.Unknown, reader.State, query, hidden));
    }

    private static void WriteStatistics(Utf8JsonWriter json, TaskStatistics statistics, IReadOnlyList<UnknownPart> unknown)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        WriteCounts(json, "by-type", statistics.ByType);
        WriteCounts(json, "by-remote", statistics.ByRemote);
        json.WriteStartObject("by-node"u8);
        foreach (IGrouping<string, KeyValuePair<(string Remote, string Node), StatusCounts>> remote in
            statistics.ByNode.GroupBy(entry => entry.Key.Remote).OrderBy(remote => remote.Key, StringComparer.Ordinal))
            WriteCounts(json, remote.Key, remote.ToDictionary(entry => entry.Key.Node, entry => entry.Value));
        json.WriteEndObject();
        json.WritePropertyName("all"u8);
        WriteCounts(json, statistics.All);
        json.WriteEndObject();
        json.WriteNumber("total"u8, statistics.All.Total);
        WriteUnknown(json, unknown);
        json.WriteEndObject();
    }

    internal static void WriteHistogram(Utf8JsonWriter json, TaskHistogram histogram, IReadOnlyList<UnknownPart> unknown)
    {
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        json.WriteNumber("from"u8, histogram.From);
        json.WriteNumber("seconds"u8, histogram.Seconds);
        json.WriteStartArray("parts"u8);
        foreach (StatusCounts part in histogram.Parts)
            WriteCounts(json, part);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("total"u8, histogram.Parts.Sum(part => part.Total));
        WriteUnknown(json, unknown);
        json.WriteEndObject();
    }

    private const int FlushBytes = 32 << 10;

    private static void WriteCounts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, StatusCounts> counts)
    {
        json.WriteStartObject(name);
        foreach ((string key, StatusCounts count) in counts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(key);
            WriteCounts(json, count);
        }

        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, StatusCounts counts)
    {
        json.WriteStartObject();
        json.WriteNumber("ok"u8, counts.Ok);
        json.WriteNumber("warning"u8, counts.Warning);
        json.WriteNumber("error"u8, counts.Error);
        json.WriteNumber("unknown"u8, counts.Unknown);
        json.WriteNumber("running"u8, counts.Running);
        json.WriteEndObject();
    }

    private static void WriteUnknown(Utf8JsonWriter json, IReadOnlyList<UnknownPart> parts)
    {
        json.WriteStartArray("unknown"u8);
        foreach (UnknownPart part in parts)
        {
            json.WriteStartObject();
            json.WriteString("reason"u8, part.Reason);
            if (part.Remote is not null)
                json.WriteString("remote"u8, part.Remote);
            if (part.Node is not null)
                json.WriteString("node"u8, part.Node);
            json.WriteNumber("from"u8, part.From);
            if (part.To is { } to)
                json.WriteNumber("to"u8, to);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
