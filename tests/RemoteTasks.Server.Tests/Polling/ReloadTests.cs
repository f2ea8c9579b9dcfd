using System.Text.Json.Nodes;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Tests.Support;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Rule 14: what ran on a removed remote is no longer listed, what ended there stays; and the list of remotes is read again while the daemon runs.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task A_removed_remote_keeps_its_finished_tasks_and_loses_those_that_run()
    {
        await using Daemon daemon = await StartAsync();
        FakeTask running = daemon.Fleet.StartTask("pbs-01", "localhost", "garbage_collection", "store", "root@pam", duration: null);
        FakeTask other = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "", "root@pam", duration: null);
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.Zero);
        await daemon.RefreshAsync();
        Assert.Contains(running.Listed(), (await daemon.ListAsync()).Select(row => row.Upid));

        // It hangs when it is removed, and its answer comes to nothing.
        daemon.Fleet.Remote("pbs-01").Fault = _ => FakeFault.Hang;
        Task<PollOutcome[]> hanging = daemon.Server.Fleet.RefreshAsync(["pbs-01"], CancellationToken.None);
        Edit(daemon, remotes => remotes.RemoveAt(1));
        await UntilAsync(() => !daemon.Server.Fleet.Remotes.ContainsKey("pbs-01"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        await UntilAsync(() => Running(daemon).All(upid => upid != running.Listed()));
        (string Upid, long? EndTime, string? Status)[] rows = await daemon.ListAsync();
        Assert.Equal(2, rows.Length);
        Assert.Contains(rows, row => row.Upid == other.Listed());
        Assert.Contains(rows, row => row.EndTime is not null);
        Assert.DoesNotContain((await daemon.GetAsync("freshness")).GetProperty("data").EnumerateArray(), node => node.GetProperty("remote").GetString() == "pbs-01");
    }

    [Fact]
    public async Task A_remote_that_is_added_is_polled_and_one_that_is_changed_goes_on()
    {
        await using Daemon daemon = await StartAsync(options => options with { Remotes = [options.Remotes[0]] });
        await UntilAsync(() => daemon.Server.Fleet.Remotes.ContainsKey("pbs-01"));
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.Zero);
        FakeTask running = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "", "root@pam", duration: null);
        await daemon.RefreshAsync();
        Assert.Equal(2, (await daemon.ListAsync()).Length);

        // Another endpoint of the same cluster: what is known of it stays.
        RemotePoller before = daemon.Server.Fleet.Remotes["pve-01"];
        Edit(daemon, remotes => ((JsonArray)remotes[0]!["nodes"]!).RemoveAt(0));
        await UntilAsync(() => !ReferenceEquals(before, daemon.Server.Fleet.Remotes["pve-01"]));
        daemon.Fleet.EndTask(running.Upid, "OK");
        await daemon.RefreshAsync();
        Assert.Equal("OK", (await daemon.ListAsync()).Single(row => row.Upid == running.Listed()).Status);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"remotes":[{"id":"pve-01"}]}""")]
    public async Task A_file_that_cannot_be_read_changes_nothing_is_told_of_once_and_is_read_when_it_is_right(string text)
    {
        using var logs = new Logs();
        await using Daemon daemon = await StartAsync(logs: logs);
        string right = await File.ReadAllTextAsync(daemon.RemotesPath);
        await File.WriteAllTextAsync(daemon.RemotesPath, text);
        await UntilAsync(() => logs.Errors.Any());
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        Assert.Contains("so the remotes stay as they are", Assert.Single(logs.Errors), StringComparison.Ordinal);
        Assert.Equal(["pbs-01", "pve-01"], daemon.Server.Fleet.Remotes.Keys.Order(StringComparer.Ordinal));
        await daemon.RefreshAsync();
        await File.WriteAllTextAsync(daemon.RemotesPath, right);
        Edit(daemon, remotes => remotes.RemoveAt(1));
        await UntilAsync(() => daemon.Server.Fleet.Remotes.Count == 1);
    }

    [Fact]
    public async Task A_remote_that_was_taken_off_the_list_while_no_daemon_ran_is_forgotten_by_the_next_one()
    {
        await using Daemon daemon = await StartAsync();
        FakeTask running = daemon.Fleet.StartTask("pbs-01", "localhost", "garbage_collection", "store", "root@pam", duration: null);
        FakeTask other = daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "", "root@pam", duration: null);
        daemon.Fleet.StartTask("pbs-01", "localhost", "prune", "store", "root@pam", TimeSpan.Zero);
        await daemon.RefreshAsync();
        await daemon.StopAsync();
        Edit(daemon, remotes => remotes.RemoveAt(1));
        await daemon.StartAgainAsync(options => options with { Remotes = [options.Remotes[0]] });
        (string Upid, long? EndTime, string? Status)[] rows = await daemon.ListAsync();
        Assert.DoesNotContain(running.Listed(), rows.Select(row => row.Upid));
        Assert.Contains(other.Listed(), rows.Select(row => row.Upid));
        Assert.Equal(2, rows.Length);
        Assert.Equal(["pve-01"], Known(daemon));
    }

    // Somebody else writes for longer than one waits, as a full disk would do: what was stopped is polled all the same, or stays away, and is forgotten later.
    [Fact]
    public async Task A_reload_that_cannot_forget_a_remote_leaves_no_other_one_unpolled()
    {
        using var logs = new Logs();
        await using Daemon daemon = await StartAsync(options => options with { Cache = options.Cache with { LockTimeout = TimeSpan.FromMilliseconds(50) } }, logs);
        await daemon.RefreshAsync();
        Assert.Equal(["pbs-01", "pve-01"], Known(daemon));
        RemotePoller before = daemon.Server.Fleet.Remotes["pve-01"];
        string whole = await File.ReadAllTextAsync(daemon.RemotesPath);
        using (TaskCache.Open(daemon.CacheDirectory).Write())
        {
            Edit(daemon, remotes =>
            {
                remotes.RemoveAt(1);
                ((JsonArray)remotes[0]!["nodes"]!).RemoveAt(0);
            });
            await UntilAsync(() => logs.Errors.Any());
            Assert.Equal(["pve-01"], daemon.Server.Fleet.Remotes.Keys);
            Assert.NotSame(before, daemon.Server.Fleet.Remotes["pve-01"]);
        }

        await UntilAsync(() => Known(daemon).SequenceEqual(["pve-01"]));
        await File.WriteAllTextAsync(daemon.RemotesPath, whole);
        await UntilAsync(() => Known(daemon).SequenceEqual(["pbs-01", "pve-01"]));
    }

    private static string[] Running(Daemon daemon)
    {
        using CacheReader reader = TaskCache.Open(daemon.CacheDirectory).Read();
        return [.. reader.List(new TaskQuery { Scope = TaskScope.Running, Limit = 0 }).Rows.Select(row => row.Upid)];
    }

    private static string[] Known(Daemon daemon)
    {
        using CacheReader reader = TaskCache.Open(daemon.CacheDirectory).Read();
        return [.. reader.State.Nodes.Select(node => node.Remote).Distinct().Order(StringComparer.Ordinal)];
    }

    private static Task<Daemon> StartAsync(Func<ServerOptions, ServerOptions>? adjust = null, Logs? logs = null) => Daemon.StartAsync(
        Given.Still(TimeProvider.System),
        logs: logs,
        adjust: options =>
        {
            ServerOptions watching = options with
            {
                RemotesFile = Path.Combine(options.DataDirectory, "remotes.json"),
                Intervals = options.Intervals with { Reload = TimeSpan.FromMilliseconds(50) },
            };
            return adjust?.Invoke(watching) ?? watching;
        });

    private static void Edit(Daemon daemon, Action<JsonArray> change)
    {
        JsonNode document = JsonNode.Parse(File.ReadAllText(daemon.RemotesPath))!;
        change((JsonArray)document["remotes"]!);
        File.WriteAllText(daemon.RemotesPath, document.ToJsonString());
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 1_000 && !isSo(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        Assert.True(isSo());
    }
}
