using System.Diagnostics.CodeAnalysis;
using RemoteTasks.FakeFleet.Http;
using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet;

/// <summary>
/// A running simulation of PVE clusters and PBS hosts behind HTTPS on loopback. All members may be called from any thread.
/// </summary>
[SuppressMessage("Design", "MA0049", Justification = "The fleet is what this library is; any other name would be a worse one.")]
[SuppressMessage("Naming", "CA1724", Justification = "The fleet is what this library is; any other name would be a worse one.")]
public sealed class Fleet : IAsyncDisposable
{
    private readonly FleetOptions options;
    private readonly SimRemote[] remotes;
    private readonly Reception reception;
    private FleetHost? host;
    private volatile bool quiet;

    private Fleet(FleetOptions options)
    {
        this.options = options;
        remotes = FleetBuilder.Build(options, Now);
        Remotes = [.. remotes.Select(static remote => remote.Shown)];
        reception = new Reception(options);
    }

    /// <summary>All remotes, PVE first.</summary>
    public IReadOnlyList<FakeRemote> Remotes { get; }

    /// <summary>While true no new task starts by itself; running ones still end when their time comes.</summary>
    public bool Quiet
    {
        get => quiet;
        set
        {
            quiet = value;
            var now = Now;
            foreach (var node in Nodes) node.SetQuiet(now, value);
        }
    }

    /// <summary>Requests answered so far by all remotes.</summary>
    public long RequestCount => reception.RequestCount;

    private long Now => options.Clock.GetUtcNow().ToUnixTimeSeconds();

    private IEnumerable<NodeLife> Nodes => remotes.SelectMany(static remote => remote.Nodes);

    /// <summary>Makes up the history and starts to listen.</summary>
    public static async Task<Fleet> StartAsync(FleetOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.AreSensible) throw new ArgumentException("No fleet can be built from these options: " + options, nameof(options));
        var fleet = await Task.Run(() => new Fleet(options), ct);
        try
        {
            fleet.host = await FleetHost.StartAsync(fleet.remotes, fleet.reception.HandleAsync, fleet.Bind, ct);
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }

        return fleet;
    }

    /// <summary>Requests to one route so far, such as <c>GET /nodes/{node}/tasks</c> or <c>DELETE /nodes/{node}/tasks/{upid}</c>.</summary>
    public long RequestsTo(string route) => reception.RequestsTo(route);

    /// <summary>Writes the file a daemon is configured with, readable by its owner only, for it holds the tokens.</summary>
    public void WriteRemotesFile(string path) => RemotesFile.Write(path, Remotes);

    /// <summary>
    /// The truth now: all running tasks, and all finished ones that their remote would still list; remote by remote, node by node, in the
    /// order of the lists.
    /// </summary>
    public IReadOnlyList<FakeTask> Remembered()
    {
        var now = Now;
        var tasks = new List<FakeTask>();
        foreach (var remote in remotes)
        {
            foreach (var node in remote.Nodes)
            {
                node.Read(now, (active, archived) =>
                {
                    tasks.AddRange(active.Select(task => Show(remote, node, new SeenTask(task, Running: true))));
                    tasks.AddRange(archived.Select(task => Show(remote, node, new SeenTask(task, Running: false))));
                    return tasks;
                });
            }
        }

        return tasks;
    }

    /// <summary>All tasks that ever began, also those that their remote has forgotten; nothing unless <see cref="FleetOptions.KeepsEverything"/>.</summary>
    public IReadOnlyList<FakeTask> Everything()
    {
        var now = Now;
        return [.. remotes.SelectMany(remote => remote.Nodes.SelectMany(node => node.Everything(now).Select(seen => Show(remote, node, seen))))];
    }

    /// <summary>Where the memory of a node began, each time that its index had grown too large: the end of the oldest task left.</summary>
    public IReadOnlyList<long> Beginnings(string remoteId, string node) => Find(remoteId, node).Node.Beginnings(Now);

    /// <summary>Starts a task now.</summary>
    /// <param name="remoteId">Id of the remote.</param>
    /// <param name="node">Name of the node; <c>localhost</c> on PBS.</param>
    /// <param name="type">Worker type.</param>
    /// <param name="id">Worker id as a person reads it; PBS escapes it inside the UPID.</param>
    /// <param name="user">User with realm, and <c>!name</c> for a token.</param>
    /// <param name="duration">How long it runs, in whole seconds; null: until it is ended.</param>
    /// <param name="status">Status it ends with.</param>
    public FakeTask StartTask(string remoteId, string node, string type, string id, string user, TimeSpan? duration, string status = "OK")
    {
        if (duration < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(duration), duration, "A task cannot end before it starts.");
        var (remote, life) = Find(remoteId, node);
        return Show(remote, life, life.StartByHand(Now, type, id, user, (long?)duration?.TotalSeconds, status));
    }

    /// <summary>Ends a running task now.</summary>
    /// <exception cref="ArgumentException">No such task is running.</exception>
    public void EndTask(string upid, string status)
    {
        ArgumentNullException.ThrowIfNull(upid);
        var now = Now;
        if (!Nodes.Any(node => upid.StartsWith("UPID:" + node.Host + ":", StringComparison.Ordinal) && node.End(now, upid, status)))
            throw new ArgumentException($"No task '{upid}' is running.", nameof(upid));
    }

    /// <summary>
    /// Takes a node off the network or brings it back. Its own port then drops every connection, the other nodes of its cluster answer 595
    /// for it, and its tasks go on.
    /// </summary>
    public void SetOnline(string remoteId, string node, bool online) => Find(remoteId, node).Node.Online = online;

    /// <summary>
    /// Lets a cluster name a node among its nodes, or not: a node that has just started, or has lost its cluster, names itself alone. The node goes on.
    /// </summary>
    public void SetNamed(string remoteId, string node, bool named) => Find(remoteId, node).Node.Named = named;

    /// <summary>Sets the clock of a remote: so far ahead of the fleet's, or behind it.</summary>
    public void SetClock(string remoteId, TimeSpan ahead)
    {
        foreach (var node in Find(remoteId).Nodes) node.SetSkew(Now, (long)ahead.TotalSeconds);
    }

    /// <summary>Sets the clock of one node of a remote; the others' stay as they are.</summary>
    public void SetClock(string remoteId, string node, TimeSpan ahead) => Find(remoteId, node).Node.SetSkew(Now, (long)ahead.TotalSeconds);

    /// <summary>Gives a node another name, as after a move to other hardware: its list keeps the UPIDs with the old one. A Backup Server stays <c>localhost</c>.</summary>
    public void RenameNode(string remoteId, string node, string newName)
    {
        var (remote, life) = Find(remoteId, node);
        life.Rename(Now, newName);
        remote.Shown.Nodes = [.. remote.Nodes.Select(static known => known.Name)];
    }

    /// <summary>Lets a node forget all finished tasks.</summary>
    public void Forget(string remoteId, string node) => Find(remoteId, node).Node.Forget(Now);

    /// <summary>Gives a remote a new certificate, as a renewal or somebody in between does.</summary>
    public void ChangeCertificate(string remoteId) => Find(remoteId).ChangeCertificate();

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        foreach (var remote in remotes) remote.Dispose();
    }

    private static FakeTask Show(SimRemote remote, NodeLife node, SeenTask seen) => new(
        remote.Shown.Id, remote.Shown.Type, node.Name, node.Upid(seen.Task), seen.Task.Start,
        seen.Running ? null : seen.Task.End, seen.Status);

    private SimRemote Find(string remoteId) => remotes.FirstOrDefault(remote => remote.Shown.Id == remoteId)
        ?? throw new ArgumentException($"The fleet has no remote '{remoteId}'.", nameof(remoteId));

    private (SimRemote Remote, NodeLife Node) Find(string remoteId, string node)
    {
        var remote = Find(remoteId);
        return remote.Nodes.FirstOrDefault(life => life.Name == node) is { } found
            ? (remote, found)
            : throw new ArgumentException($"The fleet has no node '{node}' of a remote '{remoteId}'.", nameof(node));
    }

    private void Bind(IReadOnlyList<IReadOnlyList<int>> ports)
    {
        for (var at = 0; at < remotes.Length; at++)
            remotes[at].Shown.Endpoints = [.. ports[at].Select(static port => "127.0.0.1:" + port)];
        reception.Open(remotes.Zip(ports).SelectMany(static pair =>
            pair.First.Nodes.Zip(pair.Second, (node, port) => KeyValuePair.Create(port, (pair.First, node)))));
    }
}
