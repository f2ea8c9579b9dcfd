using System.Text.Json.Nodes;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked: a renaming that was interrupted anywhere is finished by giving the same command again; nothing else is done to the remote
/// before; the histories of two remotes never become one.
/// </summary>
public sealed class RemoteRenameTests : IAsyncLifetime
{
    private RemoteSetting _setting = null!;

    public async ValueTask InitializeAsync()
    {
        _setting = await RemoteSetting.StartAsync();
        await _setting.AddAsync("site-a");
        _setting.Store("site-a", "other");
    }

    public ValueTask DisposeAsync() => _setting.DisposeAsync();

    [Fact]
    public async Task Interrupted_before_the_file_was_changed_it_is_finished_when_given_again()
    {
        Interrupt("site-a", "site-b");
        CommandResult again = await _setting.RunAsync("rename", "site-a", "site-b");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(["other", "site-b"], _setting.Stored());
        Assert.Contains("\"site-b\"", _setting.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"site-a\"", _setting.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("renamed", await State(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_after_the_file_was_changed_it_is_finished_when_given_again()
    {
        Interrupt("site-a", "site-b");
        await ChangeFileAsync(remote => remote["id"] = "site-b");
        CommandResult again = await _setting.RunAsync("rename", "site-a", "site-b");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.DoesNotContain("renamed", await State(), StringComparison.Ordinal);

        CommandResult more = await _setting.RunAsync("rename", "site-a", "site-b");
        Assert.Equal(2, more.ExitCode);
        Assert.Contains("there is no remote 'site-a'", more.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_it_comes_before_anything_else_that_changes_remotes()
    {
        Interrupt("site-a", "site-b");
        string before = _setting.Text();
        foreach (string[] command in (string[][])[["rename", "site-a", "site-c"], ["remove", "site-a", "--purge-tasks"], ["remove", "site-a", "--keep-tasks"]])
        {
            CommandResult other = await _setting.RunAsync(command[0], command[1..]);
            Assert.Equal(2, other.ExitCode);
            Assert.Contains("remote rename site-a site-b", other.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, _setting.Text());
        Assert.Equal(["other", "site-b"], _setting.Stored());
    }

    [Fact]
    public async Task Interrupted_no_daemon_fetches_the_history_again_under_the_old_name()
    {
        Interrupt("site-a", "site-b");
        await using var daemon = ProductProcess.Start(["serve", "--remotes", _setting.File, "--data", _setting.Data, "--listen", "127.0.0.1:0"]);
        (int exitCode, _) = await daemon.EndAsync();
        Assert.Equal(1, exitCode);
        Assert.Contains("remote rename site-a site-b", daemon.Said, StringComparison.Ordinal);
        Assert.Equal(["other", "site-b"], _setting.Stored());
    }

    [Fact]
    public async Task A_name_that_another_remote_had_is_refused()
    {
        string before = _setting.Text();
        CommandResult polled = await _setting.RunAsync("rename", "site-a", "other");
        using (CacheWriter writer = TaskCache.Open(_setting.Cache).Write())
            writer.RemoveRemote("other", purge: false);
        CommandResult kept = await _setting.RunAsync("rename", "site-a", "other");
        Assert.Equal((2, 2), (polled.ExitCode, kept.ExitCode));
        Assert.Contains("another remote 'other'", kept.Error, StringComparison.Ordinal);
        Assert.Equal(["other", "site-a"], _setting.Stored());
        Assert.Equal(before, _setting.Text());
    }

    [Fact]
    public async Task A_remote_that_was_polled_under_its_old_name_again_is_another_one()
    {
        Interrupt("site-a", "site-b");
        _setting.Store("site-a");
        string before = _setting.Text();
        CommandResult again = await _setting.RunAsync("rename", "site-a", "site-b");
        Assert.Equal(2, again.ExitCode);
        Assert.Equal(["other", "site-a", "site-b"], _setting.Stored());
        Assert.Equal(before, _setting.Text());
    }

    /// <summary>What is there when the power fails after the cache was changed.</summary>
    private void Interrupt(string from, string to)
    {
        using CacheWriter writer = TaskCache.Open(_setting.Cache).Write();
        writer.RenameRemote(from, to);
    }

    private async Task ChangeFileAsync(Action<JsonObject> change)
    {
        JsonNode root = JsonNode.Parse(_setting.Text())!;
        change(root["remotes"]![0]!.AsObject());
        await File.WriteAllTextAsync(_setting.File, root.ToJsonString(), TestContext.Current.CancellationToken);
    }

    private Task<string> State() => File.ReadAllTextAsync(Path.Combine(_setting.Cache, "state"), TestContext.Current.CancellationToken);
}
