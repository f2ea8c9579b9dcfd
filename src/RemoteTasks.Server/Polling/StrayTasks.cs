using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// Tasks whose node the remote does not name (any more): renamed, or taken out of the cluster. While all its nodes answer, each is asked for them; what
/// none of them has is over.
/// </summary>
internal static class StrayTasks
{
    /// <summary>The final rows of those that no longer run.</summary>
    internal static async Task<IReadOnlyList<TaskRecord>> AskAsync(
        NodePoll poll, RemoteKnowledge known, IReadOnlyList<RemoteNode> nodes, NodeResult[] results, CancellationToken ct)
    {
        var found = results.SelectMany(result => result.Answer?.Tasks ?? []).Select(task => task.Upid).ToHashSet(StringComparer.Ordinal);
        var ends = new List<TaskRecord>();
        try
        {
            foreach (RemoteUpid task in known.Watched.Where(task => nodes.All(node => node.Name != task.Node) && !found.Contains(task.Text)))
            {
                TaskRecord?[] answers = await Task.WhenAll(nodes.Select(node => poll.AskEndAsync(node.Name, task, ct)));
                if (answers.All(answer => answer is not null))
                    ends.Add(answers.FirstOrDefault(answer => answer!.Status != "unknown") ?? answers[0]!);
            }
        }
        catch (ProxmoxException)
        {
            // They are asked for again.
        }

        return ends;
    }
}
