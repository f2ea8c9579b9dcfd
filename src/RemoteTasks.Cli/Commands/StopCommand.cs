using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks stop</c></summary>
internal static class StopCommand
{
    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        Argument<string> upid = UpidArgument.Create();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask. Needed where nobody sits at a terminal." };
        var command = new Command("stop", "Stop a running task on its remote, whose token must be allowed to.") { upid, yes };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string task = UpidArgument.Value(parsed, upid);
            using DaemonClient client = daemon.Open(parsed);
            if (!parsed.GetValue(yes))
            {
                if (terminal.AskYes is not { } ask)
                    throw new UsageException("Nobody is there to say yes. Nothing was stopped; add --yes to stop it.");
                if (!await ask($"Stop {SafeText.Clean(task)}?", ct))
                {
                    await terminal.Error.WriteLineAsync("Nothing was stopped.");
                    return ExitCode.Failed;
                }
            }

            await client.SendAsync(HttpMethod.Delete, DaemonClient.Path(task), DaemonJson.Default.DoneBody, ct);
            await terminal.Out.WriteLineAsync("Its remote was told to stop it; 'remote-tasks status' shows when it has.");
            return ExitCode.Good;
        });
        return command;
    }
}
