using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>
/// Invariants checked: whatever is sent, the answer is JSON with a fitting status or none at all, nothing is logged as a failure, and
/// the next one is served.
/// </summary>
public sealed class HostileClientTests
{
    private const string Tasks = "/api2/json/remotes/tasks";

    [Theory]
    [InlineData("GET", Tasks + "/..%2f..%2fetc%2fpasswd", 400)]
    [InlineData("GET", Tasks + "/%2e%2e/%2e%2e/x", 404)]
    [InlineData("GET", Tasks + "/pve:r!UPID:..:00000001:00000001:6B000000:q:1:r@p:/log", 400)]
    [InlineData("GET", Tasks + "/list?text=%ff%fe", 200)]
    [InlineData("GET", Tasks + "/list?text=%00", 200)]
    [InlineData("GET", Tasks + "/list?limit=9223372036854775807&start=9223372036854775807", 200)]
    [InlineData("GET", Tasks + "/list?limit=9223372036854775808", 400)]
    [InlineData("GET", Tasks + "/list?since=-9223372036854775808&until=9223372036854775807", 200)]
    [InlineData("GET", Tasks + "/list?=1", 400)]
    [InlineData("GET", Tasks + "/list?errors", 400)]
    [InlineData("POST", Tasks + "/list", 404)]
    [InlineData("GET", "/favicon.ico", 404)]
    [InlineData("HEAD", "/health", 200)]
    [InlineData("GET", "/health", 200)]
    public async Task Odd_requests_get_fitting_answers(string method, string target, int status)
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        string answer = await daemon.SendAsync($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {daemon.Token}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(daemon.Token, answer, StringComparison.Ordinal);
        Assert.Empty(daemon.Failures);
    }

    [Theory]
    [InlineData("GET " + Tasks + "/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", "505")]
    [InlineData("\u0016\u0003\u0001\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \u00e9\r\n\r\n", "40")]
    public async Task What_is_no_request_is_turned_away(string request, string status)
    {
        await using var daemon = await EmptyDaemon.StartAsync();
        Assert.StartsWith($"HTTP/1.1 {status}", await daemon.SendAsync(request), StringComparison.Ordinal);
        string headers = string.Concat(Enumerable.Range(0, 40).Select(i => $"X-{i}: {new string('a', 1000)}\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await daemon.SendAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await daemon.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Empty(daemon.Failures);
    }

    [Fact]
    public async Task Clients_that_leave_in_the_middle_and_many_at_once_do_no_harm()
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 5000);
        string request = $"GET {Tasks}/list?limit=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {daemon.Token}\r\n\r\n";
        for (int i = 0; i < 20; i++)
        {
            using TcpClient client = await daemon.ConnectAsync();
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            _ = await client.GetStream().ReadAsync(new byte[100]);
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        using HttpClient http = daemon.Http();
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => http.GetStringAsync(new Uri($"{Tasks}/list?limit=0", UriKind.Relative))));
        Assert.All(answers, answer => Assert.Equal(answers[0].Length, answer.Length));
        Assert.Equal(5000, JsonDocument.Parse(answers[0]).RootElement.GetProperty("data").GetArrayLength());
        Assert.Empty(daemon.Failures);
    }

    [Fact]
    public async Task An_answer_of_any_length_is_held_in_little_memory()
    {
        using var directory = new TempFolder();
        using (CacheWriter writer = TaskCache.Open(directory.Path).Write())
            writer.Update(new TaskBatch { Tasks = [.. Enumerable.Range(0, 5000).Select(EmptyDaemon.Record)] });
        using CacheReader reader = TaskCache.Open(directory.Path).Read();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        long longest = 0;
        var json = new Utf8JsonWriter(pipe.Writer);
        await using (json)
        {
            await TaskJson.WriteListAsync(json, reader, new TaskQuery { Limit = 0 }, async () =>
            {
                await json.FlushAsync();
                longest = Math.Max(longest, pipe.Writer.UnflushedBytes);
                await pipe.Writer.FlushAsync();
            });
        }

        Assert.InRange(longest, 32 << 10, 64 << 10);
    }

    [Fact]
    public async Task A_list_that_meets_damage_is_whole_even_when_the_damage_cannot_be_noted()
    {
        await using var daemon = await EmptyDaemon.StartAsync(tasks: 3000);
        string archive = Directory.GetFiles(daemon.CacheDirectory, "archive.*.zst").MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = await File.ReadAllBytesAsync(archive);
        bytes.AsSpan(bytes.Length / 2, 30).Fill(0x55);
        await File.WriteAllBytesAsync(archive, bytes);

        // Another program writes for longer than the daemon waits.
        using CacheWriter other = TaskCache.Open(daemon.CacheDirectory).Write();
        using HttpClient http = daemon.Http();
        JsonElement body = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{Tasks}/list?limit=0", UriKind.Relative))).RootElement;
        Assert.InRange(body.GetProperty("data").GetArrayLength(), 1, 2999);
        Assert.Equal("damaged", Assert.Single(body.GetProperty("unknown").EnumerateArray()).GetProperty("reason").GetString());
    }

    private sealed class TempFolder : IDisposable
    {
        internal string Path { get; } = Directory.CreateTempSubdirectory("remote-tasks-hostile-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
