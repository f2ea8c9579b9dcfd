using System.Text;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>
/// Invariants checked: a cluster can be added while one of its hosts is down; what could not be compared is said, and is pinned to what was given or
/// to nothing; a host that answers is pinned as ever.
/// </summary>
public sealed class RemoteHostDownTests : IAsyncLifetime
{
    /// <summary>Nobody listens on the port of the discard service.</summary>
    private const string Down = "127.0.0.1:9";

    private const string MoreDown = "127.0.0.1:7";

    private static readonly string GivenFingerprint = string.Join(':', Enumerable.Repeat("AB", 32));

    private RemoteSetting _setting = null!;

    public async ValueTask InitializeAsync() => _setting = await RemoteSetting.StartAsync();

    public ValueTask DisposeAsync() => _setting.DisposeAsync();

    [Fact]
    public async Task It_is_explained_and_nobody_is_asked()
    {
        CommandResult result = await CommandResult.RunAsync(Args(Down), Secret, says: true);
        Assert.Equal((2, false), (result.ExitCode, File.Exists(_setting.File)));
        Assert.Contains($"{Down}: cannot connect", result.Error, StringComparison.Ordinal);
        Assert.Contains("--fingerprint", result.Error, StringComparison.Ordinal);
        Assert.Contains("--no-test", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("subject ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_pinned_to_the_fingerprint_that_is_left_over()
    {
        _setting.Fleet.SetOnline(_setting.Cluster.Id, _setting.Cluster.Nodes[1], online: false);
        CommandResult result = await CommandResult.RunAsync(Args(Down, "--fingerprint", GivenFingerprint, "--fingerprint", _setting.Cluster.Fingerprint), Secret);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains($"{Down}: cannot connect", result.Error, StringComparison.Ordinal);
        Assert.Contains("could not be compared", result.Error, StringComparison.Ordinal);
        string[] list = (await CommandResult.GoodAsync("remote", "list", "--remotes", _setting.File)).Split('\n');
        Assert.Contains(_setting.Cluster.Fingerprint[..23], list.Single(line => line.Contains(_setting.Cluster.Endpoints[0], StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(GivenFingerprint[..23], list.Single(line => line.Contains(Down, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(GivenFingerprint, _setting.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_added_without_a_pin_only_when_that_is_wanted()
    {
        string[] pin = ["--fingerprint", _setting.Cluster.Fingerprint];
        CommandResult refused = await CommandResult.RunAsync(Args(Down, pin), Secret);
        Assert.Equal((2, false), (refused.ExitCode, File.Exists(_setting.File)));
        CommandResult result = await CommandResult.RunAsync(Args(Down, [.. pin, "--no-test"]), Secret);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("without a pin", result.Error, StringComparison.Ordinal);
        string[] list = (await CommandResult.GoodAsync("remote", "list", "--remotes", _setting.File)).Split('\n');
        Assert.Contains("pinned", list.Single(line => line.Contains(_setting.Cluster.Endpoints[0], StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("as this system trusts", list.Single(line => line.Contains(Down, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_of_several_a_fingerprint_is_of_is_not_guessed()
    {
        string[] args = Args(Down, "--host", MoreDown, "--fingerprint", _setting.Cluster.Fingerprint, "--fingerprint", GivenFingerprint, "--no-test");
        CommandResult result = await CommandResult.RunAsync(args, Secret);
        Assert.Equal((2, false), (result.ExitCode, File.Exists(_setting.File)));
        Assert.Contains("1 fingerprint", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_all_hosts_down_it_is_added_only_when_that_is_wanted()
    {
        string[] args = ["remote", "add", "site-a", "--remotes", _setting.File, "--type", "pve", "--host", Down, "--authid", _setting.Cluster.AuthId];
        foreach (string[] more in (string[][])[[], ["--fingerprint", GivenFingerprint]])
        {
            CommandResult refused = await CommandResult.RunAsync([.. args, .. more], Secret);
            Assert.Equal((2, false), (refused.ExitCode, File.Exists(_setting.File)));
            Assert.Contains("--no-test", refused.Error, StringComparison.Ordinal);
        }

        CommandResult added = await CommandResult.RunAsync([.. args, "--fingerprint", GivenFingerprint, "--no-test"], Secret);
        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Contains(GivenFingerprint, _setting.Text(), StringComparison.Ordinal);
    }

    private byte[] Secret => Encoding.ASCII.GetBytes(_setting.Cluster.Token);

    private string[] Args(string otherHost, params string[] more) =>
    [
        "remote", "add", "site-a", "--remotes", _setting.File, "--type", "pve", "--authid", _setting.Cluster.AuthId,
        "--host", _setting.Cluster.Endpoints[0], "--host", otherHost, .. more,
    ];
}
