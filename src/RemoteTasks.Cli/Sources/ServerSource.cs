using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Sources;

/// <summary>Lists what a daemon knows.</summary>
internal sealed class ServerSource(string url, string tokenFile) : ITaskSource
{
    private const int PageRows = 5000;

    private readonly DaemonClient _daemon = new(url, tokenFile);
    private ListSummary? _summary;
    private EntityTagHeaderValue? _tag;

    public ListSummary Summary => _summary ?? throw new InvalidOperationException("The rows have not been read.");

    /// <summary>Page by page, each continued behind the last row of the one before, so that new tasks shift nothing.</summary>
    public async IAsyncEnumerable<ListedTask> RowsAsync(TaskQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        long left = query.Limit == 0 ? long.MaxValue : query.Limit;
        TaskQuery page = query;
        while (true)
        {
            page = page with { Limit = Math.Min(left, PageRows) };
            ListBody body;
            using (HttpResponseMessage response = await GetAsync("list", page, tag: null, ct))
                body = await ReadAsync(response, ct);

            foreach (ListedTask row in body.Data)
                yield return row;
            left -= body.Data.Count;
            _summary ??= new ListSummary(body.Total, body.Next, body.Unknown ?? []);
            _summary = _summary with { Next = body.Next };
            if (body.Next is null || left <= 0)
                yield break;
            page = page with { After = body.Next, Start = 0 };
        }
    }

    public async Task<ListBody?> PageIfChangedAsync(TaskQuery query, CancellationToken ct)
    {
        using HttpResponseMessage response = await GetAsync("list", query, _tag ?? new EntityTagHeaderValue("\"none\""), ct);
        if (response.StatusCode == HttpStatusCode.NotModified)
            return null;
        ListBody body = await ReadAsync(response, ct);
        _tag = response.Headers.ETag;
        return body;
    }

    public async Task<ListedTask?> FindAsync(string upid, CancellationToken ct)
    {
        try
        {
            return (await _daemon.SendAsync(HttpMethod.Get, DaemonClient.Path(upid), ListJson.Default.TaskBody, ct)).Data;
        }
        catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task WriteListAsync(TaskQuery query, Stream output, CancellationToken ct) => CopyAsync("list", query, output, ct);

    public async Task WriteStatisticsAsync(TaskQuery query, Stream output, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await CopyAsync("statistics", query, body, ct);
        if (!AreStatistics(body.GetBuffer().AsMemory(0, (int)body.Length)))
            throw _daemon.NotADaemon();
        body.Position = 0;
        await body.CopyToAsync(output, ct);
    }

    public void Dispose() => _daemon.Dispose();

    private Task<HttpResponseMessage> GetAsync(string what, TaskQuery query, EntityTagHeaderValue? tag, CancellationToken ct) =>
        _daemon.SendAsync(HttpMethod.Get, $"{what}?{QueryString.Of(query)}", tag, ct);

    private async Task<ListBody> ReadAsync(HttpResponseMessage response, CancellationToken ct) =>
        await _daemon.ReadAsync(response, ListJson.Default.ListBody, ct) is { Data: not null } body ? body : throw _daemon.NotADaemon();

    private async Task CopyAsync(string what, TaskQuery query, Stream output, CancellationToken ct)
    {
        using HttpResponseMessage response = await GetAsync(what, query, tag: null, ct);
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            throw _daemon.NotADaemon();
        await response.Content.CopyToAsync(output, ct);
    }

    private static bool AreStatistics(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("all", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
