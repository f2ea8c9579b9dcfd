using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>What many tests of polling begin with.</summary>
internal static class Given
{
    internal static FakeTimeProvider Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_795_478_400));

    /// <summary>One cluster of two nodes and one Backup Server, on which nothing happens by itself.</summary>
    internal static FleetOptions Still(TimeProvider clock) =>
        new() { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock, KeepsEverything = true };

    internal static string Listed(this FakeTask task) => $"{task.RemoteType}:{task.Remote}!{task.Upid}";

    internal static FakeRemote Remote(this Fleet fleet, string id) => fleet.Remotes.Single(remote => remote.Id == id);

    internal static NodeState? NodeState(this Daemon daemon, string remote, string node)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        return reader.State.Find(remote, node);
    }

    /// <summary>Nothing is missing, wrong or invented but what a recorded gap says.</summary>
    internal static void AssertTrue(this Daemon daemon) => Assert.Empty(FleetVerdict.Of(daemon).Faults);

    /// <summary>A client of a remote of a fleet, and the gate it goes through.</summary>
    internal static (ProxmoxClient Client, CallGate Gate) Link(Fleet fleet, string remote, ProxmoxClientOptions? options = null)
    {
        string file = Path.GetTempFileName();
        fleet.WriteRemotesFile(file);
        RemoteDefinition definition = RemotesFile.Load(file).Single(any => any.Id == remote);
        File.Delete(file);
        return (new ProxmoxClient(definition, options), new CallGate(new SemaphoreSlim(20), 5));
    }
}
