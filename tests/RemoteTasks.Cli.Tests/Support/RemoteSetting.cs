using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;
using RemoteTasks.Server;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>What the commands on remotes work with: a cluster and a Backup Server that answer, a place for the remotes file and for the cache.</summary>
internal sealed class RemoteSetting : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();

    private RemoteSetting(Fleet fleet) => Fleet = fleet;

    internal Fleet Fleet { get; }

    internal FakeRemote Cluster => Fleet.Remotes[0];

    internal FakeRemote BackupServer => Fleet.Remotes[^1];

    internal string File => PathOf("remotes.json");

    internal string Data => PathOf("data");

    internal string Cache => ServerOptions.CacheDirectoryIn(Data);

    internal static async Task<RemoteSetting> StartAsync() => new(
        await Fleet.StartAsync(new FleetOptions { PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 60 }, TestContext.Current.CancellationToken));

    internal string PathOf(string name) => _directory.PathOf(name);

    internal string Text() => System.IO.File.ReadAllText(File);

    /// <summary>Adds a remote whose secret comes on standard input.</summary>
    internal Task<CommandResult> AddAsync(string id, FakeRemote remote, string secret, params string[] more) => CommandResult.RunAsync(
        ["remote", "add", id, "--remotes", File, "--type", remote.Type, "--authid", remote.AuthId, .. remote.Endpoints.SelectMany(host => (string[])["--host", host]), .. more],
        Encoding.ASCII.GetBytes(secret + "\n"));

    /// <summary>Adds the cluster, its certificate pinned.</summary>
    internal async Task AddAsync(string id)
    {
        CommandResult added = await AddAsync(id, Cluster, Cluster.Token, "--fingerprint", Cluster.Fingerprint);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    /// <summary>The command with the two options that name what it changes.</summary>
    internal Task<CommandResult> RunAsync(string command, params string[] args) => CommandResult.RunAsync(["remote", command, .. args, "--remotes", File, "--data", Data]);

    /// <summary>Stores a task of each remote that is named, and a cut-off with it.</summary>
    internal void Store(params string[] remotes)
    {
        using CacheWriter writer = TaskCache.Open(Cache).Write();
        writer.Update(new TaskBatch
        {
            Tasks = [.. remotes.Select((remote, i) => Task(remote, i + 1))],
            Nodes = [.. remotes.Distinct().Select(remote => new NodeReport(remote, "n", 1) { Cutoff = 5 })],
        });
    }

    /// <summary>The remote of every task that is stored.</summary>
    internal string[] Stored()
    {
        using CacheReader reader = TaskCache.Open(Cache).Read();
        return [.. reader.List(new TaskQuery()).Rows.Select(row => row.Upid.Split(':', '!')[1]).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        _directory.Dispose();
    }

    private static TaskRecord Task(string remote, int number) =>
        new($"pve:{remote}!UPID:n:{number:X8}:00000001:6AB13C80:qmstart:100:root@pam:", 0x6AB13C80, "OK", 0x6AB13C80 + 10);
}
