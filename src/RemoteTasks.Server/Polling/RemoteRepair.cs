using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>Asks the nodes of one remote again for what damage took away.</summary>
internal sealed class RemoteRepair(RemoteLink link, TaskStore store, TimeProvider clock, ILogger logger)
{
    private string Id => link.Remote.Id;

    /// <summary>Asks each node until it has answered once; whether all have.</summary>
    internal async Task<bool> AskAsync(RepairRound round, CancellationToken ct)
    {
        IReadOnlyList<RemoteNode> nodes;
        try
        {
            nodes = await link.Gate.RunAsync(() => link.Client.ListNodesAsync(ct), ct);
        }
        catch (ProxmoxException error)
        {
            logger.NodeFailed(Id, "-", error.Message);
            return false;
        }

        var poll = new NodePoll(link.Client, link.Gate, clock);
        var tasks = new List<TaskRecord>();
        var answered = new List<string>();
        string[] lacking = [.. nodes.Select(node => node.Name).Where(node => !round.HasAnswered(Id, node))];
        foreach (string node in lacking)
        {
            try
            {
                NodeAnswer answer = await poll.AskRangeAsync(node, round.Since, round.Until, ct);
                tasks.AddRange(answer.Tasks);
                if (answer.Problem is null)
                    answered.Add(node);
                else
                    logger.NodeFailed(Id, node, answer.Problem);
            }
            catch (ProxmoxException error)
            {
                logger.NodeFailed(Id, node, error.Message);
            }
        }

        int stored = tasks.Count == 0 ? 0 : await store.WriteAsync(writer => writer.Update(new TaskBatch { Tasks = tasks }).New, ct);
        round.Stored(Id, answered, stored);
        return answered.Count == lacking.Length;
    }

    /// <summary>Marks what nodes had that did not answer as lacking: it is not asked for for ever.</summary>
    internal async Task GiveUpAsync(RepairRound round, CancellationToken ct)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        RemoteKnowledge known = await Task.Run(() => RemoteKnowledge.Read(store.Cache, Id), ct);
        NodeReport[] reports = [.. known.State.Nodes.Where(node => node.Remote == Id && !round.HasAnswered(Id, node.Node)).Select(node =>
            new NodeReport(Id, node.Node, now) { Reached = node.NotReachedSince is null, Gap = new HistoryGap(round.Since, Math.Min(round.Until, now)) })];
        if (reports.Length > 0)
            await store.WriteAsync(writer => writer.Update(new TaskBatch { Nodes = reports }), ct);
    }
}
