using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Commands;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Sources;

/// <summary>Lists a cache directory.</summary>
internal sealed class DirectorySource(string directory) : ITaskSource
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CacheReader _reader = CacheOptions.Open(directory).Read();
    private ListSummary? _summary;

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
