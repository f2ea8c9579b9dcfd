using System.CommandLine;
using System.Net;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks track</c></summary>
internal static class TrackCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        Argument<string> upid = UpidArgument.Create();
        var wait = new Option<bool>("--wait", "-w") { Description = "Wait until it has ended. The exit code says how: 0 for OK and warnings, 1 for anything else." };
        var command = new Command("track", "Let a daemon follow a task that you have started on a remote: it is asked for every few seconds until it ends.") { upid, wait };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string task = UpidArgument.Value(parsed, upid);
            using DaemonClient client = daemon.Open(parsed);
            await client.SendAsync(HttpMethod.Post, $"{DaemonClient.Path(task)}/track", DaemonJson.Default.DoneBody, ct);
            if (!parsed.GetValue(wait))
            {
                await terminal.Out.WriteLineAsync("It is followed until it ends.");
                return ExitCode.Good;
            }

            ListedTask end = await EndAsync(client, task, ct);
            await terminal.Out.WriteLineAsync(SafeText.Clean(string.IsNullOrEmpty(end.Status) ? "unknown" : end.Status));
            return end.Class is StatusClass.Ok or StatusClass.Warning ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<ListedTask> EndAsync(DaemonClient client, string upid, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                ListedTask task = (await client.SendAsync(HttpMethod.Get, DaemonClient.Path(upid), ListJson.Default.TaskBody, ct)).Data;
                if (task.Endtime is not null)
                    return task;
            }
            catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound)
            {
                // It has not been polled since it was named.
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }
}
