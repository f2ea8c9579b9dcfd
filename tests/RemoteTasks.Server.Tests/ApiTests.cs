using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

public sealed class ApiTests
{
    private static FleetOptions Small() => new()
    {
        PveRemotes = 2, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 3000, Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400)),
    };

    [Theory]
    [InlineData("GET", "api2/json/remotes/tasks/list")]
    [InlineData("GET", "api2/json/remotes/tasks/statistics")]
    [InlineData("GET", "api2/json/remotes/tasks/freshness")]
    [InlineData("POST", "api2/json/remotes/tasks/refresh")]
    [InlineData("GET", "api2/json/remotes/tasks/x")]
    [InlineData("GET", "api2/json/remotes/tasks/x/log")]
    [InlineData("GET", "api2/json/remotes/tasks/x/status")]
    [InlineData("DELETE", "api2/json/remotes/tasks/x")]
    [InlineData("POST", "api2/json/remotes/tasks/x/track")]
    [InlineData("GET", "metrics")]
    [InlineData("GET", "openapi/v1.json")]
    [InlineData("GET", "nowhere")]
    public async Task Nobody_gets_in_without_the_token(string method, string path)
    {
        await using Daemon daemon = await Daemon.StartAsync(Small() with { HistoryTasks = 0, TasksPerNodePerHour = 0 });
        using var http = new HttpClient { BaseAddress = daemon.Server.Url };
        string token = (await File.ReadAllTextAsync(daemon.Server.TokenFile)).Trim();
        foreach (string? header in (string?[])[null, "Bearer", "Bearer wrong", $"Basic {token}", $"Bearer {token}x"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path + "?token=" + token);
            if (header is not null)
                request.Headers.TryAddWithoutValidation("Authorization", header);
            using HttpResponseMessage response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.DoesNotContain(token, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Health_is_open_and_tells_no_names()
    {
        await using Daemon daemon = await Daemon.StartAsync(Small());
        await daemon.RefreshAsync();
        using var http = new HttpClient { BaseAddress = daemon.Server.Url };
        string body = await http.GetStringAsync(new Uri("health", UriKind.Relative));
        JsonElement health = JsonDocument.Parse(body).RootElement;
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal(3, health.GetProperty("remotes").GetInt32());
        Assert.Equal(5, health.GetProperty("nodes").GetInt32());
        Assert.DoesNotContain("pve-01", body);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(daemon.Server.TokenFile));
    }

    [Theory]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("start=1.5", "start")]
    [InlineData("since=yesterday", "since")]
    [InlineData("errors=maybe", "errors")]
    [InlineData("statusfilter=bad", "statusfilter")]
    [InlineData("guest=vm", "guest")]
    [InlineData("after=UPID:x", "after")]
    [InlineData("nosuch=1", "nosuch")]
    [InlineData("limit=1&limit=2", "limit")]
    public async Task A_bad_parameter_is_refused_by_name(string query, string parameter)
    {
        await using Daemon daemon = await Daemon.StartAsync(Small() with { HistoryTasks = 0, TasksPerNodePerHour = 0 });
        foreach (string call in (string[])["list", "statistics"])
        {
            JsonElement body = await daemon.GetAsync($"{call}?{query}", HttpStatusCode.BadRequest);
            Assert.Equal(parameter, Assert.Single(body.GetProperty("errors").EnumerateObject()).Name);
        }
    }

    [Fact]
    public async Task The_list_pages_to_the_end_by_offset_and_by_continuation()
    {
        await using Daemon daemon = await Daemon.StartAsync(Small());
        await daemon.RefreshAsync();
        string[] all = [.. (await daemon.ListAsync()).Select(row => row.Upid)];
        Assert.True(all.Length > 1000);
        Assert.Equal(50, (await daemon.ListAsync("")).Length);

        var byOffset = new List<string>();
        for (int start = 0; start < all.Length; start += 400)
            byOffset.AddRange((await daemon.ListAsync($"start={start}&limit=400")).Select(row => row.Upid));
        Assert.Equal(all, byOffset);

        var byKey = new List<string>();
        string? after = null;
        do
        {
            JsonElement page = await daemon.GetAsync($"list?limit=333{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            Assert.Equal(all.Length, page.GetProperty("total").GetInt64());
            byKey.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("upid").GetString()!));
            after = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (after is not null);
        Assert.Equal(all, byKey);
    }

    [Fact]
    public async Task Rows_have_the_members_of_the_reference_and_statistics_count_everything()
    {
        await using Daemon daemon = await Daemon.StartAsync(Small());
        await daemon.RefreshAsync();
        JsonElement row = (await daemon.GetAsync("list?statusfilter=ok&remote=pbs-01&limit=1")).GetProperty("data")[0];
        Assert.Equal(
            ["upid", "remote", "node", "pid", "pstart", "starttime", "worker_type", "worker_id", "user", "endtime", "status"],
            row.EnumerateObject().Select(member => member.Name));

        JsonElement statistics = await daemon.GetAsync("statistics?limit=1");
        JsonElement data = statistics.GetProperty("data");
        (string Upid, long? EndTime, string? Status)[] rows = await daemon.ListAsync();
        Assert.Equal(rows.Length, statistics.GetProperty("total").GetInt64());
        Assert.Equal(rows.Count(row => row is { EndTime: not null, Status: "OK" }), data.GetProperty("by-remote").EnumerateObject().Sum(remote => remote.Value.GetProperty("ok").GetInt64()));
        Assert.Equal(rows.Length, data.GetProperty("by-type").EnumerateObject().Sum(type => type.Value.EnumerateObject().Sum(count => count.Value.GetInt64())));
        Assert.Equal(
            await CountAsync(daemon, "typefilter=vzdump&statusfilter=error,unknown"),
            (await daemon.GetAsync("statistics?typefilter=vzdump&statusfilter=error&statusfilter=unknown")).GetProperty("total").GetInt64());
    }

    [Fact]
    public async Task One_task_its_log_and_its_status_come_by_upid_and_it_can_be_stopped()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));
        await using Daemon daemon = await Daemon.StartAsync(Small() with { HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock });
        foreach ((string remote, string node) in ((string, string)[])[("pve-01", "pve-01-n2"), ("pbs-01", "localhost")])
        {
            FakeTask task = daemon.Fleet.StartTask(remote, node, "verify", remote == "pbs-01" ? "store:vm/100" : "local-lvm", "root@pam", duration: null);
            clock.Advance(TimeSpan.FromMinutes(2));
            await FollowAsync(daemon, task);
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(daemon, "pve:gone!UPID:n:00000001:00000001:6B000000:qmstart:1:root@pam:/log"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(daemon, "pve:pve-01!UPID:n:00000001:00000001:6B000000:qmstart:1:root@pam:"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusOfAsync(daemon, "nonsense/status"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusOfAsync(daemon, "pve:pbs-01!UPID:n:00000001:00000001:6B000000:qmstart:1:root@pam:/status"));
    }

    [Fact]
    public async Task Refresh_takes_names_and_refuses_strangers()
    {
        await using Daemon daemon = await Daemon.StartAsync(Small());
        JsonElement outcome = await daemon.RefreshAsync("?remotes=pbs-01");
        Assert.Equal("pbs-01", Assert.Single(outcome.EnumerateArray()).GetProperty("remote").GetString());
        using HttpResponseMessage response = await daemon.Http.PostAsync(new Uri("api2/json/remotes/tasks/refresh?remotes=nobody", UriKind.Relative), content: null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_description_names_every_path_and_parameter()
    {
        await using Daemon daemon = await Daemon.StartAsync(Small() with { HistoryTasks = 0, TasksPerNodePerHour = 0 });
        JsonElement description = JsonDocument.Parse(await daemon.Http.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative))).RootElement;
        JsonElement paths = description.GetProperty("paths");
        Assert.Superset(
            new HashSet<string>(["/health", "/api2/json/remotes/tasks/list", "/api2/json/remotes/tasks/statistics", "/api2/json/remotes/tasks/{upid}/log"], StringComparer.Ordinal),
            paths.EnumerateObject().Select(path => path.Name).ToHashSet(StringComparer.Ordinal));
        string[] parameters = [.. paths.GetProperty("/api2/json/remotes/tasks/list").GetProperty("get").GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()!)];
        Assert.Equal(
            ["start", "limit", "since", "until", "errors", "running", "userfilter", "typefilter", "statusfilter", "remote", "node", "guest", "worker-id", "text", "after"],
            parameters);
    }

    private static async Task FollowAsync(Daemon daemon, FakeTask task)
    {
        await daemon.RefreshAsync();
        string upid = Uri.EscapeDataString($"{task.RemoteType}:{task.Remote}!{task.Upid}");
        JsonElement row = (await daemon.GetAsync(upid)).GetProperty("data");
        Assert.Equal(task.StartTime, row.GetProperty("starttime").GetInt64());
        Assert.Equal(task.RemoteType == "pbs" ? "store:vm/100" : "local-lvm", row.GetProperty("worker_id").GetString());
        Assert.Equal("running", (await daemon.GetAsync($"{upid}/status")).GetProperty("data").GetProperty("status").GetString());
        JsonElement log = await daemon.GetAsync($"{upid}/log?limit=1");
        Assert.Equal(1, Assert.Single(log.GetProperty("data").EnumerateArray()).GetProperty("n").GetInt64());

        using HttpResponseMessage stopped = await daemon.Http.DeleteAsync(new Uri($"api2/json/remotes/tasks/{upid}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        await daemon.RefreshAsync();
        Assert.True((await daemon.GetAsync(upid)).GetProperty("data").TryGetProperty("endtime", out _));
    }

    private static async Task<long> CountAsync(Daemon daemon, string query) => (await daemon.GetAsync($"list?{query}")).GetProperty("total").GetInt64();

    private static async Task<HttpStatusCode> StatusOfAsync(Daemon daemon, string upid)
    {
        string path = string.Join('/', upid.Split('/').Select(Uri.EscapeDataString));
        using HttpResponseMessage response = await daemon.Http.GetAsync(new Uri($"api2/json/remotes/tasks/{path}", UriKind.Relative));
        return response.StatusCode;
    }
}
