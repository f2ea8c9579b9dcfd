using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RemoteTasks.Cli.Sources;

/// <summary>A daemon, asked over REST. What it refuses, and why it cannot be asked, is an <see cref="HttpRequestException"/> for people.</summary>
internal sealed class DaemonClient : IDisposable
{
    private const string Base = "api2/json/remotes/tasks/";

    private readonly HttpClient _http;

    internal DaemonClient(string url, string tokenFile)
    {
        if (!TryParse(url, out Uri? address))
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

    /// <summary>How long an answer may take to begin.</summary>
    internal TimeSpan Patience
    {
        get => _http.Timeout;
        init => _http.Timeout = value;
    }

    internal static bool TryParse(string url, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out address) && address.Scheme is "http" or "https";

    /// <summary>The part of a path that names a task.</summary>
    internal static string Path(string upid) => Uri.EscapeDataString(upid);

    /// <summary>An answer in the form that the daemon gives it.</summary>
    /// <exception cref="HttpRequestException">It refused; its status is in <see cref="HttpRequestException.StatusCode"/>.</exception>
    internal async Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using HttpResponseMessage response = await SendAsync(method, path, tag: null, ct);
        return await ReadAsync(response, type, ct);
    }

    /// <summary>An answer, its body not yet read: 2xx, or 304 where a tag was sent.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, EntityTagHeaderValue? tag, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(Base + path, UriKind.Relative));
            if (tag is not null)
                request.Headers.IfNoneMatch.Add(tag);
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException($"The daemon at {_http.BaseAddress} cannot be reached: {error.Message}. Does it run, and is this its address?", error);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"The daemon at {_http.BaseAddress} did not answer within {_http.Timeout.TotalSeconds} seconds.", error);
        }

        if (response.IsSuccessStatusCode || (tag is not null && response.StatusCode == HttpStatusCode.NotModified))
            return response;
        using (response)
        {
            string body = await response.Content.ReadAsStringAsync(ct);
            throw new HttpRequestException(
                $"The daemon answered {(int)response.StatusCode}: {Message(body) ?? response.ReasonPhrase}", inner: null, response.StatusCode);
        }
    }

    internal async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken ct)
    {
        await using Stream content = await response.Content.ReadAsStreamAsync(ct);
        try
        {
            if (await JsonSerializer.DeserializeAsync(content, type, ct) is { } body)
                return body;
        }
        catch (JsonException)
        {
            // Said below, without quoting what came.
        }

        throw NotADaemon();
    }

    internal HttpRequestException NotADaemon() => new($"What answers at {_http.BaseAddress} is not a remote-tasks daemon, or another version of it.");

    public void Dispose() => _http.Dispose();

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
