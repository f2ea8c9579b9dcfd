using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks status</c></summary>
internal static class StatusCommand
{
    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        Argument<string> upid = UpidArgument.Create();
        var command = new Command("status", "Show a task's state, as its remote tells it now.") { upid };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string task = UpidArgument.Value(parsed, upid);
            using DaemonClient client = daemon.Open(parsed);
            await PrintAsync(terminal, (await client.SendAsync(HttpMethod.Get, $"{DaemonClient.Path(task)}/status", DaemonJson.Default.StatusBody, ct)).Data);
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task PrintAsync(Terminal terminal, RemoteStatus status)
    {
        (string Name, string? Value)[] lines =
        [
            ("status", status.Status), ("exit status", status.Exitstatus), ("node", status.Node), ("type", status.Type), ("id", status.Id), ("user", status.User),
            ("started", status.Starttime is { } start ? TablePrinter.Time(start) : null), ("pid", status.Pid?.ToString()),
        ];
        foreach ((string name, string? value) in lines.Where(line => !string.IsNullOrEmpty(line.Value)))
            await terminal.Out.WriteLineAsync($"{name + ":",-13}{SafeText.Clean(value!)}");
    }
}
