using System.Net;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>A daemon on a simulated fleet, for the commands that ask one.</summary>
internal sealed class FleetDaemon : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();

    private FleetDaemon(Fleet fleet) => Fleet = fleet;

    internal Fleet Fleet { get; }

    internal RemoteTasksServer Server { get; private set; } = null!;

    /// <summary>The options that name it.</summary>
    internal string[] Options => ["--server", Server.Url.ToString(), "--token-file", Server.TokenFile];

    internal static async Task<FleetDaemon> StartAsync(FleetOptions? fleet = null, Func<ServerOptions, ServerOptions>? adjust = null)
    {
        var daemon = new FleetDaemon(await Fleet.StartAsync(fleet ?? new FleetOptions { PveRemotes = 1, NodesPerPve = 1, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0 }));
        string remotes = daemon._directory.PathOf("remotes.json");
        daemon.Fleet.WriteRemotesFile(remotes);
        var options = new ServerOptions
        {
            Remotes = RemotesFile.Load(remotes),
            DataDirectory = daemon._directory.PathOf("data"),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Intervals = new PollIntervals { Fetch = TimeSpan.FromSeconds(1), Running = TimeSpan.FromSeconds(0.3) },
        };
        daemon.Server = await RemoteTasksServer.StartAsync(adjust?.Invoke(options) ?? options, logging: static _ => { });
        return daemon;
    }

    internal static string Upid(FakeTask task) => $"{task.RemoteType}:{task.Remote}!{task.Upid}";

    internal Task<CommandResult> RunAsync(params string[] args) => CommandResult.RunAsync([.. args, .. Options]);

    internal Task<string> GoodAsync(params string[] args) => CommandResult.GoodAsync([.. args, .. Options]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Fleet.DisposeAsync();
        _directory.Dispose();
    }
}
