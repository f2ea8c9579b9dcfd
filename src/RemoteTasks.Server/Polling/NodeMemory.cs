using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What the daemon remembers of a node between two polls, and only while it runs.</summary>
internal sealed class NodeMemory
{
    /// <summary>
    /// Finished tasks from which on the node is listed: those that began last, of which one at least must come back. Null: not looked up yet.
    /// </summary>
    internal IReadOnlyList<RemoteTask>? Anchors { get; set; }

    /// <summary>The task that ended last, when the node was listed last.</summary>
    internal RemoteTask? LastEnded { get; set; }

    /// <summary>The node's clock when it was listed last (seconds since the epoch), and when that was (a time stamp of the daemon's clock).</summary>
    internal (long RemoteTime, long At)? Clock { get; set; }

    /// <summary>What the cluster told of the node's tasks before it was listed last.</summary>
    internal string? Signal { get; set; }

    /// <summary>When it was listed last with success; a time stamp.</summary>
    internal long? ListedAt { get; set; }

    /// <summary>Tasks that began in an hour, of late.</summary>
    internal double TasksPerHour { get; set; }

    /// <summary>Polls that failed since the last that did not.</summary>
    internal int Failures { get; set; }

    /// <summary>Until when it is left alone; a time stamp.</summary>
    internal long RetryAt { get; set; }
}
