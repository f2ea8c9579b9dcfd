using System.Net;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>A daemon on a small simulated fleet that it polls every second, with some tasks of long ago beside them.</summary>
public sealed class SmallDaemon : IAsyncLifetime
{
    internal static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>What a remote may send as a status, and no page may take for anything but text.</summary>
    internal const string Hostile = "<script>document.title='owned'</script><img src=x onerror=alert(1)> \u202Egnitset\u202C \u0007\u001b[31m\u0085\u2028'\"&amp;{{7*7}}";

    private readonly string _directory = Directory.CreateTempSubdirectory("remote-tasks-ui-").FullName;

    internal Fleet Fleet { get; private set; } = null!;

    internal RemoteTasksServer Server { get; private set; } = null!;

    /// <summary>When the hostile tasks began.</summary>
    internal long HostileTime { get; } = 1_790_000_000;

    public async ValueTask InitializeAsync()
    {
        using (CacheWriter writer = TaskCache.Open(ServerOptions.CacheDirectoryIn(_directory)).Write())
        {
            writer.Update(new TaskBatch
            {
                Tasks =
                [
                    SomeTask.Record(HostileTime, 0, Hostile, remote: "hostile"),
                    SomeTask.Record(HostileTime, 1, new string('x', 64 << 10), remote: "hostile", type: "<b>type</b>", id: "\u202Eid", user: "<i>joe</i>@pam"),
                ],
            });
        }

        Fleet = await Fleet.StartAsync(new FleetOptions { PveRemotes = 2, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 1500, TasksPerNodePerHour = 0 });
        string remotes = Path.Combine(_directory, "remotes.json");
        Fleet.WriteRemotesFile(remotes);
        Server = await RemoteTasksServer.StartAsync(
            new ServerOptions
            {
                Remotes = RemotesFile.Load(remotes),
                DataDirectory = _directory,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Intervals = new PollIntervals { Fetch = PollInterval, Running = PollInterval },
            },
            static _ => { });
        await Server.Fleet.RefreshAsync(Server.Fleet.Remotes.Keys, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Fleet.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
