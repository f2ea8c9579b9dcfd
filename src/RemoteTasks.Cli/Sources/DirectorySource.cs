using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Commands;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Sources;

/// <summary>Lists a cache directory.</summary>
internal sealed class DirectorySource : ITaskSource
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TaskCache _cache;
    private CacheReader _reader;
    private long? _listed;
    private ListSummary? _summary;

    internal DirectorySource(string directory)
    {
        _cache = CacheOptions.Open(directory);
        _reader = _cache.Read();
    }

    public ListSummary Summary => _summary ?? throw new InvalidOperationException("The rows have not been read.");

    public async IAsyncEnumerable<ListedTask> RowsAsync(TaskQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        TaskListing rows = _reader.Stream(query);
        foreach (TaskRow row in rows)
        {
            ct.ThrowIfCancellationRequested();
            yield return ListedTask.Of(row);
        }

        _summary = new ListSummary(rows.Total, rows.Next, [.. _reader.Unknown(query).Select(UnknownPart.Of)]);
    }

    public Task<ListBody?> PageIfChangedAsync(TaskQuery query, CancellationToken ct)
    {
        CacheReader before = _reader;
        _reader = _cache.Read();
        before.Dispose();
        if (_reader.Version == _listed)
            return Task.FromResult<ListBody?>(null);
        TaskPage page = _reader.List(query);
        _listed = _reader.Version;
        return Task.FromResult<ListBody?>(new ListBody([.. page.Rows.Select(ListedTask.Of)], page.Total, page.Next, [.. page.Unknown.Select(UnknownPart.Of)]));
    }

    public Task<ListedTask?> FindAsync(string upid, CancellationToken ct) => Task.FromResult(_reader.Find(upid) is { } row ? ListedTask.Of(row) : null);

    public async Task WriteListAsync(TaskQuery query, Stream output, CancellationToken ct)
    {
        var json = new Utf8JsonWriter(output, Json);
        await using (json)
            await TaskJson.WriteListAsync(json, _reader, query, () => json.FlushAsync(ct));
    }

    public async Task WriteStatisticsAsync(TaskQuery query, Stream output, CancellationToken ct)
    {
        var json = new Utf8JsonWriter(output, Json);
        await using (json)
            TaskJson.WriteStatistics(json, _reader.Statistics(query));
    }

    public void Dispose() => _reader.Dispose();
}
