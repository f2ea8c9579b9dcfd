using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using RemoteTasks.Cli.Output;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks demo</c></summary>
internal static class DemoCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<int> remotes = Number("--remotes", "Simulated remotes; about one in five is a Backup Server.", 5);
        Option<int> nodes = Number("--nodes", "Nodes of each cluster.", 3);
        Option<int> tasks = Number("--tasks", "Tasks that have ended before the demo begins; each node remembers only some 1,200 of them.", 20_000);
        Option<int> port = Number("--port", "Where the daemon listens on 127.0.0.1; 0: any free port.", 8480);
        Option<int> seed = Number("--seed", "Another seed, another fleet.", 1);
        var seconds = new Option<double?>("--for") { Description = "End by itself after this many seconds.", HelpName = "N" };
        var command = new Command("demo", "A simulated fleet, the daemon, and what it sees, live. Ctrl-C ends it and leaves nothing behind.") { remotes, nodes, tasks, port, seed, seconds };
        command.SetAction(async (parsed, ct) =>
        {
            int count = InRange("--remotes", parsed.GetValue(remotes), 1, 200);
            int backupServers = count == 1 ? 0 : Math.Max(1, count / 5);
            var options = new FleetOptions
            {
                PveRemotes = count - backupServers,
                PbsRemotes = backupServers,
                NodesPerPve = InRange("--nodes", parsed.GetValue(nodes), 1, 32),
                HistoryTasks = InRange("--tasks", parsed.GetValue(tasks), 0, 10_000_000),
                TasksPerNodePerHour = 120,
                Seed = parsed.GetValue(seed),
            };
            using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);

            // A terminal that is closed, and Ctrl-\, end a demo as Ctrl-C does: with nothing left behind.
            using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
            using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End);
            await RunAsync(terminal, options, InRange("--port", parsed.GetValue(port), 0, 65535), Up, end.Token);
            return ExitCode.Good;

            // Counted from when there is something to see, however long a large fleet takes to begin.
            void Up()
            {
                if (parsed.GetValue(seconds) is { } span)
                    end.CancelAfter(TimeSpan.FromSeconds(Math.Clamp(span, 0, 1e6)));
            }

            void End(PosixSignalContext signal)
            {
                signal.Cancel = true;
                end.Cancel();
            }
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };

    private static int InRange(string name, int value, int min, int max) =>
        value >= min && value <= max ? value : throw new UsageException($"{name} must be from {min} to {max}.");

    private static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";

    private static async Task RunAsync(Terminal terminal, FleetOptions options, int port, Action isUp, CancellationToken ct)
    {
        string directory = Directory.CreateTempSubdirectory("remote-tasks-demo-").FullName;
        try
        {
            await terminal.Error.WriteLineAsync($"Starting {Count(options.PveRemotes, "cluster")} of {Count(options.NodesPerPve, "node")} and {Count(options.PbsRemotes, "backup server")} with {options.HistoryTasks:N0} tasks ...");
            await using Fleet fleet = await Fleet.StartAsync(options, ct);
            string remotesFile = Path.Combine(directory, "remotes.json");
            fleet.WriteRemotesFile(remotesFile);
            var server = new ServerOptions
            {
                Remotes = RemotesFile.Load(remotesFile),
                DataDirectory = directory,
                Listen = new IPEndPoint(IPAddress.Loopback, port),
                Intervals = new PollIntervals { Fetch = TimeSpan.FromSeconds(5), Running = TimeSpan.FromSeconds(2) },
            };
            await using RemoteTasksServer daemon = await RemoteTasksServer.StartAsync(server, logging: static _ => { }, ct);
            string token = (await File.ReadAllTextAsync(daemon.TokenFile, ct)).Trim();
            await terminal.Out.WriteLineAsync($"Open:  {daemon.SignInUrl()}  (signs in once, within ten minutes)");
            await terminal.Out.WriteLineAsync($"URL:   {daemon.Url}");
            await terminal.Out.WriteLineAsync($"Token: {token}");
            await terminal.Out.WriteLineAsync($"Try:   curl -H 'Authorization: Bearer {token}' '{daemon.Url}api2/json/remotes/tasks/list?errors=1&limit=5'");
            isUp();
            await new DemoOverview(terminal, daemon.Cache, daemon.Url, [.. fleet.Remotes.Select(remote => remote.Id)]).ShowAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to end: that is how a demo ends.
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
