using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// Tasks whose node the remote does not name (any more): renamed, or taken out of the cluster. While all its nodes answer, each is asked for them; what
/// none of them has is over once the node has not been named for a day. Until then it may only be missing from a list: a node that has just started, or has lost
/// its cluster, names itself alone.
/// </summary>
internal sealed class StrayTasks(TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Dictionary<string, long> _unnamedSince = new(StringComparer.Ordinal);

    /// <summary>The remote has named its nodes.</summary>
    internal void Named(IReadOnlyList<RemoteNode> nodes)
    {
        foreach (RemoteNode node in nodes)
            _unnamedSince.Remove(node.Name);
    }

    /// <summary>The final rows of those that no longer run.</summary>
    internal async Task<IReadOnlyList<TaskRecord>> AskAsync(
        NodePoll poll, RemoteKnowledge known, IReadOnlyList<RemoteNode> nodes, NodeResult[] results, CancellationToken ct)
    {
        var found = results.SelectMany(result => result.Answer?.Tasks ?? []).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        var ends = new List<TaskRecord>();
        try
        {
            foreach (RemoteUpid task in known.Watched.Where(task => nodes.All(node => node.Name != task.Node) && !found.Contains(task.Text)))
            {
                TaskRecord?[] answers = await Task.WhenAll(nodes.Select(node => poll.AskEndAsync(node.Name, task, ct)));
                if (answers.Any(answer => answer is null))
                    continue;
                TaskRecord? end = answers.FirstOrDefault(answer => answer!.Status != "unknown");
                if (end is not null || IsGone(task.Node))
                    ends.Add(end ?? answers[0]!);
            }
        }
        catch (ProxmoxException)
        {
            // They are asked for again.
        }

        return ends;
    }

    private bool IsGone(string node)
    {
        if (_unnamedSince.TryAdd(node, clock.GetTimestamp()))
            return false;
        return clock.GetElapsedTime(_unnamedSince[node]) >= Patience;
    }
}
