using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>What the cache knows of a remote before it is polled.</summary>
/// <param name="Id">The remote's id.</param>
/// <param name="State">Of the cache.</param>
/// <param name="Watched">Tasks that ran when it was polled last, and those that somebody asked to follow.</param>
/// <param name="Tracked">UPIDs of the latter.</param>
internal sealed record RemoteKnowledge(string Id, CacheState State, IReadOnlyList<RemoteUpid> Watched, IReadOnlySet<string> Tracked)
{
    // Of these one at least must be in the node's list, though some may have been added by hand or be known from their logs alone.
    private const int AnchorsMax = 8;

    /// <summary>Nodes that were polled before.</summary>
    internal IEnumerable<string> Nodes => State.Nodes.Where(node => node.Remote == Id).Select(node => node.Node);

    internal static RemoteKnowledge Read(TaskCache cache, string id)
    {
        using CacheReader reader = cache.Read();
        TaskPage running = reader.List(new TaskQuery { Scope = TaskScope.Running, Remote = id, Limit = 0 });
        string[] tracked = [.. reader.State.TrackedTasks];
        RemoteUpid[] watched = [.. running.Rows.Select(row => row.Upid).Union(tracked, StringComparer.Ordinal)
            .Select(text => RemoteUpid.TryParse(text, out RemoteUpid? upid, out _) ? upid : null)
            .OfType<RemoteUpid>()
            .Where(task => task.Remote == id)];
        return new RemoteKnowledge(id, reader.State, watched, tracked.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>The finished tasks of a node that began last, up to its cut-off.</summary>
    internal static IReadOnlyList<RemoteTask> Anchors(TaskCache cache, RemoteDefinition remote, NodeKnowledge node)
    {
        if (node.Cutoff is null)
            return [];
        using CacheReader reader = cache.Read();
        TaskPage page = reader.List(new TaskQuery
        {
            Scope = TaskScope.Finished,
            Remote = remote.Id,

            // A Backup Server's UPIDs name its host, which nobody else knows.
            Node = remote.Type == RemoteType.Pbs ? null : node.Name,
            Until = node.Cutoff,
            Limit = AnchorsMax,
        });
        return [.. page.Rows
            .Select(row => RemoteUpid.TryParse(row.Upid, out RemoteUpid? upid, out _) ? new RemoteTask(upid.Native, row.StartTime, row.EndTime, row.Status) : null)
            .OfType<RemoteTask>()];
    }

    internal NodeKnowledge Of(string node, RemoteType type)
    {
        RemoteUpid[] watched = [.. Watched.Where(task => type == RemoteType.Pbs || task.Node == node)];
        NodeState? state = State.Find(Id, node);
        return new NodeKnowledge(node, state?.Cutoff, watched)
        {
            NotReachedSince = state?.NotReachedSince,
            Tracked = watched.Count(task => Tracked.Contains(task.Text)),
        };
    }
}
