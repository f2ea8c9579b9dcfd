using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Sources;

/// <summary>Lists what a daemon knows.</summary>
internal sealed class ServerSource : ITaskSource
{
    private const string Base = "api2/json/remotes/tasks/";
    private const int PageRows = 5000;

    private readonly HttpClient _http;
    private ListSummary? _summary;

    internal ServerSource(string url, string tokenFile)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"'{url}' is not the URL of a daemon; it looks like http://127.0.0.1:8480");
        if (!File.Exists(tokenFile))
            throw new UsageException($"There is no token file '{tokenFile}'; the daemon's is the file admin-token in its data directory.");
        string token = File.ReadAllText(tokenFile).Trim();
        if (token.Length == 0 || token.Any(c => c is < '!' or > '~'))
            throw new UsageException($"'{tokenFile}' holds no token; the daemon's is in the file admin-token of its data directory.");

        // The token goes to the daemon and to nobody else: no redirect is followed, and no proxy lies on the way to this machine itself.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !address.IsLoopback };
        _http = new HttpClient(handler) { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

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
            using (HttpResponseMessage response = await GetAsync("list", page, ct))
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

    public Task WriteListAsync(TaskQuery query, Stream output, CancellationToken ct) => CopyAsync("list", query, output, ct);

    public async Task WriteStatisticsAsync(TaskQuery query, Stream output, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await CopyAsync("statistics", query, body, ct);
        if (!AreStatistics(body.GetBuffer().AsMemory(0, (int)body.Length)))
            throw NotADaemon();
        body.Position = 0;
        await body.CopyToAsync(output, ct);
    }

    public void Dispose() => _http.Dispose();

    private async Task<ListBody> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using Stream content = await response.Content.ReadAsStreamAsync(ct);
        try
        {
            if (await JsonSerializer.DeserializeAsync(content, ListJson.Default.ListBody, ct) is { Data: not null } body)
                return body;
        }
        catch (JsonException)
        {
            // Said below, without quoting what came.
        }

        throw NotADaemon();
    }

    private HttpRequestException NotADaemon() => new($"What answers at {_http.BaseAddress} is not a remote-tasks daemon, or another version of it.");

    private async Task CopyAsync(string what, TaskQuery query, Stream output, CancellationToken ct)
    {
        using HttpResponseMessage response = await GetAsync(what, query, ct);
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            throw NotADaemon();
        await response.Content.CopyToAsync(output, ct);
    }

    private async Task<HttpResponseMessage> GetAsync(string what, TaskQuery query, CancellationToken ct)
    {
        var address = new Uri($"{Base}{what}?{QueryString.Of(query)}", UriKind.Relative);
        HttpResponseMessage response;
        try
        {
            response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException($"The daemon at {_http.BaseAddress} cannot be reached: {error.Message}. Does it run, and is this its address?", error);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"The daemon at {_http.BaseAddress} did not answer within {_http.Timeout.TotalSeconds} seconds.", error);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            string body = await response.Content.ReadAsStringAsync(ct);
            throw new HttpRequestException($"The daemon answered {(int)response.StatusCode}: {Message(body) ?? response.ReasonPhrase}");
        }
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

    private static string? Message(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            string? message = document.RootElement.GetProperty("message").GetString();
            return document.RootElement.TryGetProperty("errors", out JsonElement errors)
                ? $"{message}: {string.Join("; ", errors.EnumerateObject().Select(error => $"{error.Name} {error.Value}"))}"
                : message;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
