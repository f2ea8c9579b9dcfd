namespace RemoteTasks.FakeFleet;

/// <summary>How large a simulated fleet is, how busy, and whose clock it lives by.</summary>
public sealed record FleetOptions
{
    /// <summary>Number of PVE clusters, with ids <c>pve-01</c>, <c>pve-02</c>, …</summary>
    public int PveRemotes { get; init; } = 4;

    /// <summary>Nodes of each PVE cluster; each node has its own port.</summary>
    public int NodesPerPve { get; init; } = 3;

    /// <summary>Number of PBS hosts, with ids <c>pbs-01</c>, <c>pbs-02</c>, …</summary>
    public int PbsRemotes { get; init; } = 1;

    /// <summary>
    /// Finished tasks that lie behind the fleet when it starts, spread evenly over all nodes. PVE nodes have then already forgotten
    /// what their index cannot hold. With 0 nothing is running at the start either.
    /// </summary>
    public int HistoryTasks { get; init; } = 20_000;

    /// <summary>The history lies in [now - span, now].</summary>
    public TimeSpan HistorySpan { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Tasks that start on each node per hour as time passes, as the average of a day; nights and full hours have more.</summary>
    public double TasksPerNodePerHour { get; init; } = 12;

    /// <summary>A PVE index file larger than this is moved aside, and the one moved aside before is lost.</summary>
    public int IndexBytesMax { get; init; } = 50_000;

    /// <summary>The same seed and the same clock at the start give the same tasks.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Slept, in real time, before every answer.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.Zero;

    /// <summary>Whether the fleet itself keeps what its remotes forget, for <see cref="Fleet.Everything"/>.</summary>
    public bool KeepsEverything { get; init; }

    /// <summary>The clock the fleet's tasks and its Date headers follow.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether a fleet can be built from them.</summary>
    internal bool AreSensible =>
        PveRemotes >= 0 && PbsRemotes >= 0 && PveRemotes + PbsRemotes > 0 && NodesPerPve > 0 && HistoryTasks >= 0
        && HistorySpan >= TimeSpan.FromMinutes(1) && TasksPerNodePerHour >= 0 && IndexBytesMax > 0 && Delay >= TimeSpan.Zero;
}
