namespace RemoteTasks.Proxmox.Tests;

/// <summary>State and log of one task.</summary>
public sealed class OneTaskTests
{
    [Fact]
    public async Task A_stopped_task_has_its_exit_status_and_its_parts()
    {
        TaskStatusAnswer status = await StatusAsync($$"""
            {"data":{"upid":"{{Given.PveUpid}}","node":"pve1","pid":"49990","pstart":34999997632,"starttime":1758930844,"type":"qmstart","id":"100",
             "user":"mon@pve","tokenid":"tasks","status":"stopped","exitstatus":"OK"} }
            """);
        Assert.Equal(
            new TaskStatusAnswer(Given.PveUpid, Running: false, "OK", "pve1", 49990, 1758930844, "qmstart", "100", "mon@pve", "tasks"), status);
    }

    [Fact]
    public async Task A_running_task_has_no_exit_status_and_may_lack_the_rest()
    {
        TaskStatusAnswer status = await StatusAsync("""{"data":{"status":"running","exitstatus":"x"}}""");
        Assert.Equal((true, null, 0x68D7279CL, null), (status.Running, status.ExitStatus, status.StartTime, status.Type));
    }

    [Fact]
    public async Task A_stopped_task_may_have_no_exit_status_and_an_exit_status_alone_means_stopped()
    {
        TaskStatusAnswer silent = await StatusAsync("""{"data":{"status":"stopped"}}""");
        TaskStatusAnswer ended = await StatusAsync("""{"data":{"exitstatus":"job errors"}}""");
        Assert.Equal((false, null), (silent.Running, silent.ExitStatus));
        Assert.Equal((false, "job errors"), (ended.Running, ended.ExitStatus));
    }

    [Theory]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":{"status":"dreaming"}}""")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("""7""")]
    [InlineData("")]
    public async Task An_end_is_never_guessed(string body)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(body);
        using ProxmoxClient client = Given.Pve(host);
        ProxmoxException e = await Given.FailureAsync(() => client.GetTaskStatusAsync("pve1", Given.PveUpid, CancellationToken.None));
        Assert.Equal(ProxmoxErrorKind.BadAnswer, e.Kind);
    }

    [Theory]
    [InlineData(RemoteType.Pve, 0, "?start=0&limit=50")]
    [InlineData(RemoteType.Pve, 7, "?start=7&limit=50")]
    [InlineData(RemoteType.Pbs, 0, "?start=1&limit=50")]
    [InlineData(RemoteType.Pbs, 7, "?start=8&limit=50")]
    public async Task A_log_begins_after_the_lines_left_out_on_both_products(RemoteType type, long start, string query)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":[{"n":8,"t":"a\u001bb"},{"n":"9"},{"t":"c"}],"total":12}""");
        using var client = new ProxmoxClient(Given.Remote(type, host.Pinned));
        TaskLogAnswer log = await client.GetTaskLogAsync("pve1", Given.PveUpid, start, 50, CancellationToken.None);
        Assert.EndsWith($"/log{query}", host.Last.Target, StringComparison.Ordinal);
        Assert.Equal([new(8, "a\u001bb"), new(9, ""), new TaskLogLine(start + 3, "c")], log.Lines);
        Assert.Equal(12, log.Total);
    }

    [Fact]
    public async Task A_log_without_total_ends_with_its_last_line()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("""{"data":[{"n":41,"t":"x"}]}""");
        using ProxmoxClient client = Given.Pve(host);
        Assert.Equal(41, (await client.GetTaskLogAsync("pve1", Given.PveUpid, 40, 0, CancellationToken.None)).Total);
        Assert.EndsWith("?start=40&limit=0", host.Last.Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_not_asked_for_from_before_its_beginning()
    {
        await using FakeHost host = await FakeHost.StartJsonAsync("{}");
        using ProxmoxClient client = Given.Pve(host);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetTaskLogAsync("pve1", Given.PveUpid, -1, 5, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetTaskLogAsync("pve1", Given.PveUpid, 0, -1, CancellationToken.None));
        Assert.Empty(host.Seen);
    }

    private static async Task<TaskStatusAnswer> StatusAsync(string body)
    {
        await using FakeHost host = await FakeHost.StartJsonAsync(body);
        using ProxmoxClient client = Given.Pve(host);
        return await client.GetTaskStatusAsync("pve1", Given.PveUpid, CancellationToken.None);
    }
}
