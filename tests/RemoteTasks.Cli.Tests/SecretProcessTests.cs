using System.Text;
using System.Text.Json;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Cli.Tests;

/// <summary>Secrets and the real executable: neither its arguments, nor its environment, nor anything it prints or writes for others has one.</summary>
public sealed class SecretProcessTests
{
    private static readonly FleetOptions Small = new() { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 1, HistoryTasks = 50, TasksPerNodePerHour = 0 };

    [Fact]
    public async Task A_daemon_and_the_commands_that_ask_it_show_no_secret_whatever_fails()
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(Small);
        string remotes = await RemotesWithTokenFilesAsync(directory, fleet);
        await using ProductProcess daemon = ProductProcess.Start(
        [
            "serve", "--remotes", remotes, "--data", directory.PathOf("data"), "--listen", "127.0.0.1:0", "--log-level", "trace", "--log-format", "json", "--fetch-every", "1",
        ]);
        string[] options = ["--server", await daemon.AfterAsync("Serving"), "--token-file", directory.PathOf("data/admin-token")];
        string[] secrets = [.. fleet.Remotes.Select(remote => remote.Token), (await File.ReadAllTextAsync(directory.PathOf("data/admin-token"))).Trim()];
        FakeTask task = fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.Zero, $"token {fleet.Remotes[0].Token} is bad");
        string upid = FleetDaemon.Upid(task);
        var said = new StringBuilder();
        foreach (FakeFault? fault in (FakeFault?[])
        [
            null, FakeFault.Status(401), FakeFault.Status(500, $"you sent PVEAPIToken=mon@pve!tasks={fleet.Remotes[0].Token}"), FakeFault.Drop, FakeFault.Rubbish(1000),
        ])
        {
            fleet.Remotes[0].Fault = fault is null ? null : _ => fault;
            string[][] commands =
            [
                ["refresh"], ["list", "--limit", "0"], ["list", "--format", "json"], ["freshness"], ["log", upid], ["status", upid], ["stop", upid, "--yes"], ["stats"], ["track", upid],
                ["list", "--nonsense"],
            ];
            foreach (string[] command in commands)
            {
                CommandResult result = await CommandResult.RunAsync([.. command, .. options]);
                said.Append(result.Out).Append(result.Error);
            }
        }

        fleet.ChangeCertificate("pbs-01");
        foreach (string[] command in (string[][])[["refresh", .. options], ["remote", "test", "--remotes", remotes]])
        {
            CommandResult result = await CommandResult.RunAsync(command);
            said.Append(result.Out).Append(result.Error);
        }

        Assert.Contains("is bad", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("certificate", said.ToString(), StringComparison.Ordinal);
        said.Append(await File.ReadAllTextAsync($"/proc/{daemon.Id}/cmdline")).Append(await File.ReadAllTextAsync($"/proc/{daemon.Id}/environ"));
        await daemon.SignalAsync("TERM");
        await daemon.EndAsync();
        said.Append(daemon.Said);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, said.ToString(), StringComparison.Ordinal));
        AssertJsonLog(daemon.Said);
        foreach (string file in Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories))
        {
            string content = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            if (secrets.Any(secret => content.Contains(secret, StringComparison.Ordinal)))
                Assert.True(File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{file} has a secret, and others may read it.");
        }
    }

    [Fact]
    public async Task An_import_shows_no_secret_whether_it_succeeds_or_not()
    {
        using var directory = new TempDirectory();
        const string Secret = "5ec2e7aa-1111-2222-3333-444455556666";
        await File.WriteAllTextAsync(directory.PathOf("remotes.shadow"), $"pve: site-a\n\ttoken {Secret}\n\n\tnonsense {Secret}\npbs: site-b\n\ttoken {Secret} {Secret}\n");
        foreach (string config in (string[])
        [
            "pve: site-a\n\tauthid mon@pve!tasks\n\tnodes hostname=127.0.0.1\n", "pve: site-a\n\tauthid nobody\n", "pbs: site-b\n\tauthid mon@pbs!tasks\n\tnodes hostname=127.0.0.1\n", "rubbish\n",
        ])
        {
            await File.WriteAllTextAsync(directory.PathOf("remotes.cfg"), config);
            string file = directory.PathOf($"{config.Length}.json");
            CommandResult result = await CommandResult.RunAsync("remote", "import", directory.PathOf("remotes.cfg"), "--remotes", file);
            Assert.DoesNotContain(Secret, result.Out + result.Error, StringComparison.Ordinal);
            if (File.Exists(file))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_credential_of_systemd_is_taken_as_it_comes_and_any_other_file_is_not()
    {
        using var directory = new TempDirectory();
        await using Fleet fleet = await Fleet.StartAsync(Small);
        string file = directory.PathOf("remotes.json");
        fleet.WriteRemotesFile(file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        string[] list = ["remote", "list", "--remotes", file];
        await using ProductProcess other = ProductProcess.Start(list);
        Assert.Equal(2, (await other.EndAsync()).ExitCode);
        await using ProductProcess service = ProductProcess.Start(list, new Dictionary<string, string>(StringComparer.Ordinal) { ["CREDENTIALS_DIRECTORY"] = directory.Path });
        Assert.Equal(0, (await service.EndAsync()).ExitCode);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await using ProductProcess open = ProductProcess.Start(list, new Dictionary<string, string>(StringComparer.Ordinal) { ["CREDENTIALS_DIRECTORY"] = directory.Path });
        Assert.Equal(2, (await open.EndAsync()).ExitCode);
    }

    /// <summary>Two lines are for who started it; all others are JSON objects.</summary>
    private static void AssertJsonLog(string said)
    {
        string[] lines = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("Serving", StringComparison.Ordinal))];
        Assert.True(lines.Length > 5, said);
        Assert.All(lines, line => Assert.Equal(JsonValueKind.String, JsonDocument.Parse(line).RootElement.GetProperty("Message").ValueKind));
    }

    private static async Task<string> RemotesWithTokenFilesAsync(TempDirectory directory, Fleet fleet)
    {
        string written = directory.PathOf("remotes.json");
        fleet.WriteRemotesFile(written);
        string text = await File.ReadAllTextAsync(written);
        foreach (FakeRemote remote in fleet.Remotes)
        {
            string file = directory.PathOf($"{remote.Id}.token");
            await File.WriteAllTextAsync(file, remote.Token);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            text = text.Replace($"\"token\":\"{remote.Token}\"", $"\"token-file\":\"{remote.Id}.token\"", StringComparison.Ordinal)
                .Replace($"\"token\": \"{remote.Token}\"", $"\"token-file\": \"{remote.Id}.token\"", StringComparison.Ordinal);
        }

        Assert.All(fleet.Remotes, remote => Assert.DoesNotContain(remote.Token, text, StringComparison.Ordinal));
        await File.WriteAllTextAsync(written, text);
        return written;
    }
}
