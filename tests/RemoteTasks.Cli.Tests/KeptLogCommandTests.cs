using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Cli.Tests;

/// <summary>Kept logs on the command line: shown for what they are, and gone or renamed with their remote.</summary>
public sealed class KeptLogCommandTests
{
    [Fact]
    public async Task A_kept_log_is_printed_and_said_to_be_one_without_what_could_harm_a_terminal()
    {
        await using FleetDaemon daemon = await FleetDaemon.StartAsync(adjust: options => options with { KeptLogs = new KeptLogOptions { LinesMax = 1 } });
        string upid = FleetDaemon.Upid(daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.Zero, "job\u001b[2J errors"));
        string directory = KeptLogs.DirectoryIn(Path.GetDirectoryName(daemon.Server.TokenFile)!);
        for (int i = 0; i < 200 && (!Directory.Exists(directory) || Directory.GetFiles(directory, "*.gz", SearchOption.AllDirectories).Length == 0); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        string live = await daemon.GoodAsync("log", upid);
        Assert.EndsWith("TASK ERROR: job?[2J errors\n", live, StringComparison.Ordinal);

        daemon.Fleet.Forget("pve-01", "pve-01-n1");
        foreach (string[] more in (string[][])[[], ["--follow"]])
        {
            CommandResult kept = await daemon.RunAsync(["log", upid, .. more]);
            Assert.Equal((0, "TASK ERROR: job?[2J errors\n"), (kept.ExitCode, kept.Out));
            Assert.Matches("The copy that the daemon kept at .*The node has deleted the log", kept.Error);
            Assert.Contains("Lines 1 to ", kept.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Logs_go_with_their_remote_and_are_renamed_with_it()
    {
        await using RemoteSetting setting = await RemoteSetting.StartAsync();
        await setting.AddAsync("site-a");
        setting.Store("site-a");
        string kept = KeptLogs.DirectoryIn(setting.Data);
        await using (FleetDaemon daemon = await FleetDaemon.StartAsync(adjust: options => options with { DataDirectory = setting.PathOf("other") }))
        {
            // Some daemon's logs, put where those of site-a are.
            daemon.Fleet.StartTask("pve-01", "pve-01-n1", "vzdump", "100", "root@pam", TimeSpan.Zero, "job errors");
            string theirs = KeptLogs.DirectoryIn(setting.PathOf("other"));
            for (int i = 0; i < 200 && (!Directory.Exists(theirs) || Directory.GetFiles(theirs, "*.gz", SearchOption.AllDirectories).Length == 0); i++)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        Directory.Move(KeptLogs.DirectoryIn(setting.PathOf("other")), kept);
        KeptLogs.Rename(setting.Data, "pve-01", "site-a");
        string before = Assert.Single(Directory.GetFiles(kept, "*", SearchOption.AllDirectories));
        Assert.Equal(0, (await setting.RunAsync("rename", "site-a", "site-b")).ExitCode);
        string after = Assert.Single(Directory.GetFiles(kept, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.GetFileName(before), Path.GetFileName(after));
        Assert.NotEqual(before, after);
        Assert.Equal(0, (await setting.RunAsync("remove", "site-b", "--purge-tasks")).ExitCode);
        Assert.Empty(Directory.GetFiles(kept, "*", SearchOption.AllDirectories));
    }
}
