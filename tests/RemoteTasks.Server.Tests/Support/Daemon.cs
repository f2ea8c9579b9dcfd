using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>A daemon on a simulated fleet, in a directory of its own. It polls only when a test says so, unless given intervals, and keeps no logs, unless asked to.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static readonly PollIntervals Never = new()
    {
        Fetch = TimeSpan.FromDays(1),
        Running = TimeSpan.FromDays(1),
        Apply = TimeSpan.FromDays(1),
        Rotate = TimeSpan.FromDays(1),
        Repair = TimeSpan.FromDays(1),
    };

    private readonly string _directory;

    private readonly Action<ILoggingBuilder> _logging;

    private Daemon(string directory, Fleet fleet, ServerOptions options, Action<ILoggingBuilder> logging) =>
        (_directory, Fleet, Options, _logging) = (directory, fleet, options, logging);

    internal Fleet Fleet { get; }

    internal RemoteTasksServer Server { get; private set; } = null!;

    internal ServerOptions Options { get; }

    /// <summary>Signed in.</summary>
    internal HttpClient Http { get; private set; } = null!;

    internal string CacheDirectory => Path.Combine(_directory, "remote-tasks");

    internal string DataDirectory => _directory;

    internal static async Task<Daemon> StartAsync(FleetOptions fleetOptions, PollIntervals? intervals = null, ILoggerProvider? logs = null, TaskCacheOptions? cache = null, Func<ServerOptions, ServerOptions>? adjust = null, Action<ILoggingBuilder>? filter = null)
    {
        string directory = Directory.CreateTempSubdirectory("remote-tasks-server-").FullName;
        Fleet fleet = await Fleet.StartAsync(fleetOptions);
        string remotes = Path.Combine(directory, "remotes.json");
        fleet.WriteRemotesFile(remotes);
        var options = new ServerOptions
        {
            Remotes = RemotesFile.Load(remotes),
            DataDirectory = directory,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Intervals = intervals ?? Never,
            Clock = fleetOptions.Clock,
            Cache = cache ?? new TaskCacheOptions(),
            KeptLogs = new KeptLogOptions { CountMax = 0 },
        };
        var daemon = new Daemon(directory, fleet, adjust?.Invoke(options) ?? options, logging =>
        {
            if (logs is not null)
                logging.AddProvider(logs);
            filter?.Invoke(logging);
        });
        await daemon.StartAgainAsync();
        return daemon;
    }

    /// <summary>Ends the daemon; the fleet goes on.</summary>
    internal async Task StopAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Ends the daemon and begins another one in its place.</summary>
    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Starts it, on the data of before.</summary>
    internal async Task StartAgainAsync(Func<ServerOptions, ServerOptions>? adjust = null)
    {
        Server = await RemoteTasksServer.StartAsync(adjust?.Invoke(Options) ?? Options, _logging);
        Http = new HttpClient { BaseAddress = Server.Url, Timeout = TimeSpan.FromMinutes(2) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Server.TokenFile)).Trim());
    }

    internal string RemotesPath => Path.Combine(_directory, "remotes.json");

    /// <summary>Waits until all that was due by the clock has been polled and stored.</summary>
    internal async Task WaitUntilIdleAsync()
    {
        (long requests, long at) = (Fleet.RequestCount, TimeProvider.System.GetTimestamp());
        while (!Server.Fleet.IsIdle)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            if (Fleet.RequestCount != requests)
                (requests, at) = (Fleet.RequestCount, TimeProvider.System.GetTimestamp());
            Assert.True(TimeProvider.System.GetElapsedTime(at) < TimeSpan.FromMinutes(2), "The polls do not end, and ask nobody any more.");
        }
    }

    /// <summary>Polls all remotes and waits; what each said.</summary>
    internal async Task<JsonElement> RefreshAsync(string query = "")
    {
        using HttpResponseMessage response = await Http.PostAsync(new Uri($"api2/json/remotes/tasks/refresh{query}", UriKind.Relative), content: null);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("data");
    }

    internal async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri($"api2/json/remotes/tasks/{path}", UriKind.Relative));
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"{path}: {response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>All rows, as (upid, endtime, status).</summary>
    internal async Task<(string Upid, long? EndTime, string? Status)[]> ListAsync(string query = "limit=0")
    {
        JsonElement body = await GetAsync($"list?{query}");
        return [.. body.GetProperty("data").EnumerateArray().Select(row => (
            row.GetProperty("upid").GetString()!,
            row.TryGetProperty("endtime", out JsonElement end) ? end.GetInt64() : (long?)null,
            row.TryGetProperty("status", out JsonElement status) ? status.GetString() : null))];
    }

    /// <summary>Every file of the cache, by name, with its content: equal means untouched.</summary>
    internal Dictionary<string, string> Files() => Directory.GetFiles(CacheDirectory).ToDictionary(
        file => Path.GetFileName(file),
        file => $"{File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Fleet.DisposeAsync();
        CheckReport report = TaskCache.Open(CacheDirectory).Check();
        Directory.Delete(_directory, recursive: true);
        Assert.False(report.IsDamaged, string.Join('\n', report.Findings));
    }
}
