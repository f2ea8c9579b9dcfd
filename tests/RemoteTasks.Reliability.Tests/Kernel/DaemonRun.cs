using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>The real daemon, which polls a busy fleet, and everything its API has ever shown.</summary>
internal sealed class DaemonRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(20);

    private readonly Fleet _fleet;
    private readonly string _remotes;
    private readonly string _data;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Dictionary<string, string> _shown = new(StringComparer.Ordinal);
    private ProductProcess? _process;
    private string _url = "";

    private DaemonRun(Fleet fleet, string remotes, string data) => (_fleet, _remotes, _data) = (fleet, remotes, data);

    /// <summary>Tasks that were ever shown.</summary>
    internal int Shown => _shown.Count;

    internal string Said => _process?.Said ?? "";

    private string CachePath => Path.Combine(_data, "remote-tasks");

    /// <param name="directory">Where the file with the remotes goes.</param>
    /// <param name="data">The daemon's data directory.</param>
    internal static async Task<DaemonRun> OfFleetAsync(string directory, string data)
    {
        Fleet fleet = await Fleet.StartAsync(new FleetOptions { PveRemotes = 2, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 600, TasksPerNodePerHour = 5_000 });
        string remotes = Path.Combine(directory, "remotes.json");
        fleet.WriteRemotesFile(remotes);
        return new DaemonRun(fleet, remotes, data);
    }

    internal void Start() => _process = ProductProcess.Start(
        ["serve", "--remotes", _remotes, "--data", _data, "--listen", "127.0.0.1:0", "--fetch-every", "0.1", "--running-every", "0.1", "--apply-every", "0.2"]);

    /// <summary>Waits until it answers.</summary>
    internal async Task IsUpAsync()
    {
        _url = await _process!.AfterAsync("Serving");
        string token = (await File.ReadAllTextAsync(Path.Combine(_data, "admin-token"))).Trim();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Looks at everything that it shows, again and again, for some time.</summary>
    internal async Task WatchAsync(TimeSpan time)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            if (_url.Length > 0)
                await LookAsync();
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until it shows anything new: kills of one that has never stored anything prove little.</summary>
    internal async Task ShowsMoreAsync()
    {
        int before = Shown;
        long began = TimeProvider.System.GetTimestamp();
        while (Shown == before)
        {
            await LookAsync();
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Nothing new comes.\n{Said}");
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Everything that it shows now.</summary>
    internal async Task LookAsync()
    {
        using JsonDocument answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri(_url + "api2/json/remotes/tasks/list?limit=0")));
        foreach (JsonElement row in answer.RootElement.GetProperty("data").EnumerateArray())
        {
            string end = row.TryGetProperty("endtime", out JsonElement time) ? $"{time.GetInt64()}" : "";
            string status = row.TryGetProperty("status", out JsonElement text) ? text.GetString()! : "";
            _shown[row.GetProperty("upid").GetString()!] = end.Length == 0 ? "" : $"{end} {status}";
        }
    }

    /// <summary>Whether it does its work, and if not, why.</summary>
    internal async Task<(HttpStatusCode Code, string Body)> HealthAsync()
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(_url + "health"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until its health is as it should be; what it said.</summary>
    internal async Task<string> HealthBecomesAsync(HttpStatusCode code)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            (HttpStatusCode now, string body) = await HealthAsync();
            if (now == code)
                return body;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It never says {code}: {body}\n{Said}");
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    internal async Task KillAsync()
    {
        _url = "";
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Looks at the cache as the process left it: what was shown and is not there, or not once, or not in order; null when all is well.</summary>
    internal string? Broken()
    {
        var options = new TaskCacheOptions();
        if (Inspection.Damage(CachePath, options) is { } damage)
            return damage;
        if (_shown.Count == 0)
            return null;
        using CacheReader reader = TaskCache.Open(CachePath, options).Read();
        TaskPage page = reader.List(new TaskQuery { Limit = 0 });
        var there = new Dictionary<string, string>(StringComparer.Ordinal);
        TaskRow? before = null;
        foreach (TaskRow row in page.Rows)
        {
            if (!there.TryAdd(row.Upid, row.EndTime is null ? "" : $"{row.EndTime} {row.Status}"))
                return $"duplicate: {row.Upid}";
            if (before is not null && (before.StartTime < row.StartTime || (before.StartTime == row.StartTime && string.CompareOrdinal(before.Upid, row.Upid) > 0)))
                return $"out of order: {row.Upid}";
            before = row;
        }

        if (page.Total != there.Count)
            return $"total says {page.Total}, shown are {there.Count}";
        foreach ((string upid, string end) in _shown)
        {
            // What ran may have ended by now.
            if (!there.TryGetValue(upid, out string? now) || (end.Length > 0 && now != end))
                return $"lost: {upid} {end}, there is '{now}'";
        }

        return null;
    }

    /// <summary>Nothing begins any more: after a while it has everything, and ends as it is told.</summary>
    internal async Task CatchUpAsync()
    {
        _fleet.Quiet = true;
        Start();
        await IsUpAsync();
        long began = TimeProvider.System.GetTimestamp();
        string[] missing = ["?"];
        while (missing.Length > 0)
        {
            await LookAsync();
            missing = [.. _fleet.Remembered().Where(task => task.EndTime is not null).Select(task => $"{task.RemoteType}:{task.Remote}!{task.Upid}").Where(IsMissing)];
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{missing.Length} tasks do not come, such as {missing.FirstOrDefault()}\n{Said}");
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await _process!.SignalAsync("TERM");
        Assert.Equal(0, (await _process.EndAsync()).ExitCode);
        Assert.Null(Broken());
    }

    private bool IsMissing(string upid) => !_shown.TryGetValue(upid, out string? end) || end.Length == 0;

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http.Dispose();
        await _fleet.DisposeAsync();
    }
}
