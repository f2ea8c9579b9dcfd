using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests;

/// <summary>What the daemon says of how fresh and how complete its list is.</summary>
public sealed class FreshnessTests
{
    [Fact]
    public async Task Each_node_and_each_remote_is_told_of()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Fleet(clock), adjust: options => options with
        {
            Remotes = [.. options.Remotes.Select(remote => remote.Id == "pve-01" ? remote with { WebUrl = "https://pve.example" } : remote)],
        });
        daemon.Fleet.SetClock("pbs-01", TimeSpan.FromMinutes(-3));
        daemon.Fleet.SetOnline("pve-01", "pve-01-n2", online: false);
        await daemon.RefreshAsync();
        JsonElement body = await daemon.GetAsync("freshness");
        JsonElement[] nodes = [.. body.GetProperty("data").EnumerateArray()];
        Assert.Equal(["localhost", "pve-01-n1", "pve-01-n2"], nodes.Select(node => node.GetProperty("node").GetString()));
        Assert.Equal(-180, nodes[0].GetProperty("clock-ahead").GetInt64());
        Assert.True(nodes[1].GetProperty("sees-all-tasks").GetBoolean());
        Assert.Equal(0, nodes[1].GetProperty("clock-ahead").GetInt64());
        Assert.Equal(0, nodes[1].GetProperty("tasks-per-hour").GetDouble());
        Assert.Equal(JsonValueKind.Null, nodes[1].GetProperty("problem").ValueKind);
        Assert.NotEqual("", nodes[2].GetProperty("problem").GetString());
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), nodes[2].GetProperty("not-reached-since").GetInt64());

        JsonElement[] remotes = [.. body.GetProperty("remotes").EnumerateArray()];
        Assert.Equal(["pbs-01", "pve-01"], remotes.Select(remote => remote.GetProperty("remote").GetString()));
        Assert.Equal(["pbs", "pve"], remotes.Select(remote => remote.GetProperty("type").GetString()));
        Assert.Equal((2, 1), (remotes[1].GetProperty("nodes").GetInt32(), remotes[1].GetProperty("reachable").GetInt32()));
        Assert.Equal("https://pve.example", remotes[1].GetProperty("web-url").GetString());
        Assert.Equal(JsonValueKind.Null, remotes[0].GetProperty("web-url").ValueKind);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("statistics")]
    public async Task An_answer_names_the_nodes_that_hide_tasks_as_soon_as_they_do_and_no_longer(string call)
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Fleet(clock));
        FakeTask task = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "qmstart", "100", "root@pam", TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(60));
        await daemon.RefreshAsync();
        Answer whole = await AskAsync(daemon, call, tag: null);
        Assert.Equal("[]", whole.Unknown);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(daemon, call, whole.Tag)).Status);

        FakeRemote cluster = daemon.Fleet.Remotes.First(remote => remote.Id == "pve-01");
        cluster.Rights = FakeRights.None;
        await daemon.RefreshAsync("?remotes=pve-01");
        Answer hiding = await AskAsync(daemon, call, whole.Tag);
        Assert.Equal(HttpStatusCode.OK, hiding.Status);
        Assert.Contains($$"""{"reason":"hidden","remote":"pve-01","node":"pve-01-n1","from":{{task.StartTime}}}""", hiding.Unknown, StringComparison.Ordinal);
        Assert.Matches("""{"reason":"hidden","remote":"pve-01","node":"pve-01-n2","from":[0-9]+}""", hiding.Unknown);
        Assert.DoesNotContain("not-reached", hiding.Unknown, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(daemon, call, hiding.Tag)).Status);
        Assert.Equal("[]", (await AskAsync(daemon, call + "?remote=pbs-01", tag: null)).Unknown);
        Assert.DoesNotContain("pve-01-n1", (await AskAsync(daemon, $"{call}?until={task.StartTime - 1}", tag: null)).Unknown, StringComparison.Ordinal);

        cluster.Rights = FakeRights.Audit;
        await daemon.RefreshAsync("?remotes=pve-01");
        Answer again = await AskAsync(daemon, call, hiding.Tag);
        Assert.Equal((HttpStatusCode.OK, "[]"), (again.Status, again.Unknown));
    }

    [Fact]
    public async Task Rights_that_change_while_nobody_asks_are_noticed_within_ten_minutes()
    {
        FakeTimeProvider clock = Clock();
        await using Daemon daemon = await Daemon.StartAsync(Fleet(clock), new PollIntervals { Fetch = TimeSpan.FromMinutes(1) });
        await daemon.WaitUntilIdleAsync();
        daemon.Fleet.Remotes.First(remote => remote.Id == "pve-01").Rights = FakeRights.None;
        clock.Advance(TimeSpan.FromMinutes(11));
        await daemon.WaitUntilIdleAsync();
        Assert.Contains("""{"reason":"hidden","remote":"pve-01","node":"pve-01-n1",""", (await AskAsync(daemon, "list", tag: null)).Unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_the_hidden_nodes_is_another_version_and_no_change_is_none()
    {
        HiddenNodes one = HiddenNodes.None.With("a", "n", isHidden: true);
        Assert.Same(HiddenNodes.None, HiddenNodes.None.With("a", "n", isHidden: false));
        Assert.Same(one, one.With("a", "n", isHidden: true));
        HiddenNodes none = one.With("a", "n", isHidden: false);
        Assert.Equal((0, 1, 2), (HiddenNodes.None.Version, one.Version, none.Version));
        Assert.True(one.Contains("a", "n"));
        Assert.False(none.Contains("a", "n"));
    }

    private static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    private static FleetOptions Fleet(TimeProvider clock) =>
        new() { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock };

    private static async Task<Answer> AskAsync(Daemon daemon, string call, EntityTagHeaderValue? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api2/json/remotes/tasks/{call}");
        if (tag is not null)
            request.Headers.IfNoneMatch.Add(tag);
        using HttpResponseMessage response = await daemon.Http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        string unknown = body.Length == 0 ? "" : JsonDocument.Parse(body).RootElement.GetProperty("unknown").GetRawText();
        return new Answer(response.StatusCode, response.Headers.ETag, unknown);
    }

    private sealed record Answer(HttpStatusCode Status, EntityTagHeaderValue? Tag, string Unknown);
}
