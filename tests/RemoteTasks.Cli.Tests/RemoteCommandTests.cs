using System.Text;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked: a certificate that the system does not trust is never accepted unseen; the secret is in the remotes file, which its owner alone
/// may read, and in nothing that is printed; what is refused changes nothing.
/// </summary>
public sealed class RemoteCommandTests : IAsyncLifetime
{
    private RemoteSetting _setting = null!;

    private string File => _setting.File;

    private string Data => _setting.Data;

    private FakeRemote Cluster => _setting.Cluster;

    private FakeRemote BackupServer => _setting.BackupServer;

    public async ValueTask InitializeAsync() => _setting = await RemoteSetting.StartAsync();

    public ValueTask DisposeAsync() => _setting.DisposeAsync();

    [Fact]
    public async Task A_remote_is_added_listed_and_tested()
    {
        CommandResult added = await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant());
        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Contains("'site-a' is added", added.Out, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(0, (await AddAsync("vault", BackupServer, BackupServer.Token, "--fingerprint", BackupServer.Fingerprint)).ExitCode);

        string list = await CommandResult.GoodAsync("remote", "list", "--remotes", File);
        Assert.Contains("site-a", list, StringComparison.Ordinal);
        Assert.Contains(BackupServer.Endpoints[0], list, StringComparison.Ordinal);
        string test = await CommandResult.GoodAsync("remote", "test", "--remotes", File);
        Assert.Equal([$"site-a {Cluster.Nodes[0]}: good", $"site-a {Cluster.Nodes[1]}: good", "vault localhost: good"], Lines(test));
        Assert.DoesNotContain(Cluster.Token, list + test + added.Out + added.Error, StringComparison.Ordinal);
        Assert.Contains(Cluster.Token, await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_confirmed_is_refused_and_shown()
    {
        CommandResult result = await AddAsync("site-a", Cluster, Cluster.Token);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"--fingerprint {Cluster.Fingerprint}", result.Error, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));

        string other = string.Join(':', Enumerable.Repeat("AB", 32));
        result = await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", other);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"Expected {other}, found {Cluster.Fingerprint}", result.Error, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public async Task A_person_is_shown_the_certificate_and_decides(bool says, int exitCode)
    {
        string[] args = ["remote", "add", "site-a", "--remotes", File, "--type", "pve", "--host", Cluster.Endpoints[0], "--authid", Cluster.AuthId];
        CommandResult result = await CommandResult.RunAsync(args, Encoding.ASCII.GetBytes(Cluster.Token + "\n"), says);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains($"fingerprint  {Cluster.Fingerprint}", result.Error, StringComparison.Ordinal);
        Assert.Equal(says, System.IO.File.Exists(File) && (await System.IO.File.ReadAllTextAsync(File)).Contains(Cluster.Fingerprint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_does_not_work_is_not_added_unless_that_is_wanted()
    {
        string[] pin = ["--fingerprint", Cluster.Fingerprint];
        CommandResult result = await AddAsync("site-a", Cluster, "00000000-wrong", pin);
        Assert.Equal((2, false), (result.ExitCode, System.IO.File.Exists(File)));
        Assert.Contains("Not added", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("00000000-wrong", result.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await AddAsync("site-a", Cluster, "00000000-wrong", [.. pin, "--no-test"])).ExitCode);
        CommandResult test = await CommandResult.RunAsync("remote", "test", "site-a", "--remotes", File);
        Assert.Equal(1, test.ExitCode);
        Assert.StartsWith("site-a -: ", test.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await AddAsync("site-a", Cluster, Cluster.Token, pin)).ExitCode);
    }

    [Fact]
    public async Task A_token_without_rights_is_named()
    {
        Cluster.Rights = FakeRights.None;
        CommandResult result = await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("sees only its own tasks", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_in_a_file_stays_there()
    {
        string secret = _setting.PathOf("site-a.token");
        await System.IO.File.WriteAllTextAsync(secret, Cluster.Token, TestContext.Current.CancellationToken);
        System.IO.File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        CommandResult result = await AddAsync("site-a", Cluster, secret: "", "--fingerprint", Cluster.Fingerprint, "--token-file", secret);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(Cluster.Token, await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await CommandResult.GoodAsync("remote", "test", "--remotes", File);
    }

    [Fact]
    public async Task A_certificate_is_shown_without_a_remotes_file()
    {
        string shown = await CommandResult.GoodAsync("remote", "show-certificate", Cluster.Endpoints[0]);
        Assert.Contains($"fingerprint  {Cluster.Fingerprint}", shown, StringComparison.Ordinal);
        Assert.Contains("does not trust it by itself", shown, StringComparison.Ordinal);
        CommandResult nobody = await CommandResult.RunAsync("remote", "show-certificate", "127.0.0.1:9");
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("cannot connect", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renaming_keeps_the_history_once_and_removing_does_as_told()
    {
        await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint);
        _setting.Store("site-a", "site-a", "other");

        CommandResult renamed = await CommandResult.RunAsync("remote", "rename", "site-a", "site-b", "--remotes", File, "--data", Data);
        Assert.Equal((0, ""), (renamed.ExitCode, renamed.Error));
        Assert.Equal(["other", "site-b", "site-b"], _setting.Stored());
        Assert.StartsWith("site-b ", await CommandResult.GoodAsync("remote", "test", "--remotes", File), StringComparison.Ordinal);

        CommandResult unsaid = await CommandResult.RunAsync("remote", "remove", "site-b", "--remotes", File, "--data", Data);
        Assert.Equal(2, unsaid.ExitCode);
        using (DataDirectoryLock.Take(Data))
        {
            CommandResult running = await CommandResult.RunAsync("remote", "remove", "site-b", "--remotes", File, "--data", Data, "--purge-tasks");
            Assert.Equal(1, running.ExitCode);
            Assert.Contains("Another daemon", running.Error, StringComparison.Ordinal);
        }

        Assert.Equal(["other", "site-b", "site-b"], _setting.Stored());
        await CommandResult.GoodAsync("remote", "remove", "site-b", "--remotes", File, "--data", Data, "--purge-tasks");
        Assert.Equal(["other"], _setting.Stored());
        Assert.Equal(2, (await CommandResult.RunAsync("remote", "remove", "site-b", "--remotes", File, "--data", Data, "--keep-tasks")).ExitCode);
    }

    [Fact]
    public async Task The_remotes_of_a_Datacenter_Manager_are_imported_with_their_secrets()
    {
        string config = _setting.PathOf("remotes.cfg");
        string nodes = string.Concat(Cluster.Endpoints.Select(host => $"\tnodes {host},fingerprint={Cluster.Fingerprint}\n"));
        await System.IO.File.WriteAllTextAsync(
            config,
            $"pve: site-a\n\tauthid {Cluster.AuthId}\n{nodes}\ttoken -\n\n"
            + $"pbs: vault\n\tauthid {BackupServer.AuthId}\n\tnodes hostname={BackupServer.Endpoints[0]},fingerprint={BackupServer.Fingerprint}\n\ttoken {BackupServer.Token}\n\n"
            + "pve: no-secret\n\tauthid mon@pve!tasks\n\tnodes 10.0.0.1\n\ttoken -\n",
            TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllTextAsync(
            _setting.PathOf("remotes.shadow"), $"pve: site-a\n\ttoken {Cluster.Token}\n", TestContext.Current.CancellationToken);

        CommandResult result = await CommandResult.RunAsync("remote", "import", config, "--remotes", File);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'no-secret' is left out: Its secret is in neither file.", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("2 of 3 remotes added", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Cluster.Token, result.Out + result.Error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(3, Lines(await CommandResult.GoodAsync("remote", "test", "--remotes", File)).Length);

        byte[] before = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        CommandResult again = await CommandResult.RunAsync("remote", "import", config, "--remotes", File);
        Assert.StartsWith("0 of 3 remotes added", again.Out, StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no section at all\n")]
    [InlineData("pve: a1\n\tauthid\n")]
    [InlineData("pve: a1\n\tnodes ,,,=\n\tauthid x@pve!t\n\ttoken s\n")]
    [InlineData("pve: a1\npve: a1\n")]
    [InlineData("\tauthid x@pve!t\n")]
    public async Task What_is_no_list_of_remotes_adds_none(string text)
    {
        string config = _setting.PathOf("remotes.cfg");
        await System.IO.File.WriteAllTextAsync(config, text, TestContext.Current.CancellationToken);
        CommandResult result = await CommandResult.RunAsync("remote", "import", config, "--remotes", File);
        Assert.DoesNotContain("fault of remote-tasks", result.Error, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task What_could_not_be_read_again_is_not_written()
    {
        CommandResult result = await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint, "--web-url", "pve1.example:8006");
        Assert.Equal((2, false), (result.ExitCode, System.IO.File.Exists(File)));
        Assert.Contains("'web-url'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_cache_nothing_is_said_to_be_purged_or_renamed()
    {
        await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint);
        byte[] before = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        CommandResult purged = await CommandResult.RunAsync("remote", "remove", "site-a", "--remotes", File, "--data", Data, "--purge-tasks");
        CommandResult renamed = await CommandResult.RunAsync("remote", "rename", "site-a", "site-b", "--remotes", File, "--data", Data);
        Assert.Equal((2, 2), (purged.ExitCode, renamed.ExitCode));
        Assert.Contains($"There is no cache in '{_setting.Cache}'", purged.Error, StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
        await CommandResult.GoodAsync("remote", "remove", "site-a", "--remotes", File, "--data", Data, "--keep-tasks");
    }

    [Fact]
    public async Task A_file_with_comments_is_not_rewritten()
    {
        const string Text = "{\"remotes\":[ /* none yet */ ]}";
        await System.IO.File.WriteAllTextAsync(File, Text, TestContext.Current.CancellationToken);
        CommandResult result = await AddAsync("site-a", Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("comments", result.Error, StringComparison.Ordinal);
        Assert.Equal(Text, await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));
    }

    private Task<CommandResult> AddAsync(string id, FakeRemote remote, string secret, params string[] more) => _setting.AddAsync(id, remote, secret, more);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
