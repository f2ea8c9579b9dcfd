using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks log</c></summary>
internal static class LogCommand
{
    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        Argument<string> upid = UpidArgument.Create();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is added, until the task ends. Ctrl-C ends the following, not the task." };
        var start = new Option<long>("--start") { Description = "Lines to pass over.", HelpName = "N" };
        var limit = new Option<long>("--limit") { Description = "Lines to print; 0, as by default, means all.", HelpName = "N" };
        var command = new Command("log", "Print a task's log, from its remote or, where that has lost it, as the daemon kept it.") { upid, follow, start, limit };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            string task = UpidArgument.Value(parsed, upid);
            bool isFollowing = parsed.GetValue(follow);
            (long from, long lines) = (parsed.GetValue(start), parsed.GetValue(limit));
            if (from < 0 || lines < 0)
                throw new UsageException("--start and --limit must be 0 or more.");
            if (isFollowing && lines > 0)
                throw new UsageException("--follow has no end that --limit could set: give one of them.");
            using DaemonClient client = daemon.Open(parsed);
            var log = new LogPrinter(terminal, client, task, from);
            if (!isFollowing)
            {
                await log.PrintAsync(lines == 0 ? long.MaxValue : lines, ct);
                return ExitCode.Good;
            }

            try
            {
                await log.FollowAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // That is how following ends.
            }

            return ExitCode.Good;
        });
        return command;
    }
}
