using System.Text;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Benchmarks.Engines;

/// <summary>
/// The product, used as its server uses it: one cache for as long as the directory is in use, a new reader for each request. The one
/// place that knows how an answer is asked for.
/// </summary>
internal sealed class RemoteTasksEngine : Engine
{
    private readonly SetClock _clock = new();
    private readonly AnswerBuffer _answer = new();
    private readonly AnswerCache _kept = new();
    private readonly Dictionary<AnswerKey, Answer> _keptAnswers = [];
    private readonly TaskCache _cache;

    internal RemoteTasksEngine(string directory)
        : base(directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        _cache = TaskCache.Open(directory, new TaskCacheOptions { Clock = _clock });
    }

    internal override string Name => "RemoteTasks";

    internal override bool MayKeepAnswers => true;

    internal override void Update(IReadOnlyList<TaskInput> tasks, long now)
    {
        _clock.Now = now;
        var records = new TaskRecord[tasks.Count];
        for (int i = 0; i < records.Length; i++)
            records[i] = new TaskRecord(tasks[i].Upid, tasks[i].Start, tasks[i].Status, tasks[i].End);
        using CacheWriter writer = _cache.Write();
        UpdateResult result = writer.Update(new TaskBatch { Tasks = records });
        if (result.Rejected is [var first, ..])
            throw new InvalidDataException($"'{tasks[first.Index].Upid}' was rejected: {first.Reason}");
    }

    internal override void Apply()
    {
        using CacheWriter writer = _cache.Write();
        writer.ApplyJournal();
    }

    /// <summary>Begins and compresses files as the clock demands, as the daemon does each hour.</summary>
    internal void Rotate(long now)
    {
        _clock.Now = now;
        using CacheWriter writer = _cache.Write();
        writer.Rotate();
    }

    internal override Answer List(TaskQuery query, bool withTotal)
    {
        using CacheReader reader = _cache.Read();
        AnswerKey key = AnswerKey.OfList(query);
        if (UsesKeptAnswers && _kept.Find(reader.Version, key) is { } body && _keptAnswers.TryGetValue(key, out Answer kept))
            return kept with { Json = body };
        Utf8JsonWriter json = _answer.Begin();
        using TaskListing rows = reader.Stream(query);
        int count = 0;
        string? last = null;
        json.WriteStartArray();
        while (rows.MoveNext())
        {
            TaskView row = rows.Current;
            TaskJson.WriteRow(json, row);
            if (++count == query.Limit)
                last = Encoding.UTF8.GetString(row.Upid);
        }

        json.WriteEndArray();
        var answer = new Answer(_answer.Bytes, count, last, rows.Total);
        _kept.Keep(reader.Version, key, answer.Json.ToArray());
        _keptAnswers[key] = answer with { Json = default };
        return answer;
    }

    internal override ReadOnlyMemory<byte> Statistics(TaskQuery query)
    {
        using CacheReader reader = _cache.Read();
        TaskStatistics statistics = reader.Statistics(query);
        Utf8JsonWriter json = _answer.Begin();
        json.WriteStartObject();
        Write(json, "by-type", statistics.ByType);
        Write(json, "by-remote", statistics.ByRemote);
        json.WriteEndObject();
        return _answer.Bytes;
    }

    internal override long Count(TaskQuery query)
    {
        using CacheReader reader = _cache.Read();
        using TaskListing rows = reader.Stream(query with { Start = 0, Limit = 1, After = null });
        return rows.Total;
    }

    public override void Dispose() => _answer.Dispose();

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, StatusCounts> table)
    {
        json.WriteStartObject(name);
        foreach ((string key, StatusCounts counts) in table.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(key);
            json.WriteNumber("running"u8, counts.Running);
            json.WriteNumber("ok"u8, counts.Ok);
            json.WriteNumber("warning"u8, counts.Warning);
            json.WriteNumber("unknown"u8, counts.Unknown);
            json.WriteNumber("error"u8, counts.Error);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
