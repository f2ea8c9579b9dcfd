using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;

namespace RemoteTasks.FakeFleet.Tests.Support;

/// <summary>An ordinary HTTPS client that trusts the remote's fingerprint and nothing else.</summary>
internal sealed class Client : IDisposable
{
    private readonly HttpClient http;

    public Client(FakeRemote remote, int endpoint = 0, string? authorization = null)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    Convert.ToHexString(SHA256.HashData(certificate!.GetRawCertData()))
                    == remote.Fingerprint.Replace(":", "", StringComparison.Ordinal),
            },
        };
        http = new HttpClient(handler) { BaseAddress = new Uri($"https://{remote.Endpoints[endpoint]}/api2/json/") };
        authorization ??= remote.Type == "pve"
            ? $"PVEAPIToken={remote.AuthId}={remote.Token}"
            : $"PBSAPIToken={remote.AuthId}:{remote.Token}";
        if (authorization.Length > 0) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, path);
        prepare?.Invoke(request);
        return await http.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>The rows of a task list; the node is the remote's first unless named.</summary>
    public async Task<List<JsonElement>> TasksAsync(string node, string query = "") =>
        [.. (await GetAsync($"nodes/{node}/tasks{query}")).GetProperty("data").EnumerateArray()];

    public void Dispose() => http.Dispose();
}

internal static class Json
{
    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    public static long Number(this JsonElement row, string name) => row.GetProperty(name).GetInt64();

    public static bool Has(this JsonElement row, string name) => row.TryGetProperty(name, out _);

    public static string Upid(this JsonElement row) => row.Text("upid");

    public static bool IsRunning(this JsonElement row) => !row.Has("endtime");
}
