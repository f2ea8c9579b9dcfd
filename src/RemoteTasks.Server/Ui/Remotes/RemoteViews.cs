using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui.Tasks;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>Puts together what is known of the remotes: who is polled, what each node answered last, what is missing of it, what it does.</summary>
internal static class RemoteViews
{
    private const string BackupServerNode = "localhost";

    /// <summary>Those with problems first.</summary>
    internal static IReadOnlyList<RemoteView> Of(IEnumerable<RemoteDefinition> remotes, IReadOnlyList<NodeFreshness> freshness, CacheState state, RemoteFigures figures)
    {
        ILookup<string, NodeFreshness> asked = freshness.ToLookup(node => node.Remote, StringComparer.Ordinal);
        ILookup<string, NodeState> known = state.Nodes.ToLookup(node => node.Remote, StringComparer.Ordinal);
        return [.. remotes
            .Select(remote => Of(remote, [.. asked[remote.Id]], [.. known[remote.Id]], figures))
            .OrderBy(remote => remote.Health)
            .ThenBy(remote => remote.Id, StringComparer.Ordinal)];
    }

    private static RemoteView Of(RemoteDefinition remote, NodeFreshness[] asked, NodeState[] known, RemoteFigures figures)
    {
        (TaskStatistics day, TaskStatistics running, DailyCounts days) = figures;
        bool isBackupServer = remote.Type == RemoteType.Pbs;

        // Once some node was asked, those that are not named any more are only history.
        IEnumerable<string> names = asked.Any(node => node.Node is not null)
            ? asked.Select(node => node.Node).OfType<string>()
            : known.Select(node => node.Node);
        NodeView[] nodes = [.. names.Order(StringComparer.Ordinal).Select(name => Node(
            name,
            asked.FirstOrDefault(node => node.Node == name),
            known.FirstOrDefault(node => node.Node == name),
            isBackupServer && name == BackupServerNode ? day.ByRemote.GetValueOrDefault(remote.Id) : day.ByNode.GetValueOrDefault((remote.Id, name)),
            isBackupServer && name == BackupServerNode ? running.ByRemote.GetValueOrDefault(remote.Id) : running.ByNode.GetValueOrDefault((remote.Id, name))))];
        return new RemoteView(
            remote.Id,
            remote.Type.Word(),
            asked.FirstOrDefault(node => node.Node is null)?.Problem,
            nodes,
            [.. remote.Endpoints.Select(endpoint => new EndpointView(endpoint.ToString(), endpoint.Fingerprint))],
            remote.AuthId,
            WebLinks.Page(remote),
            days.Of(remote.Id),
            day.ByRemote.GetValueOrDefault(remote.Id).Total,
            running.ByRemote.GetValueOrDefault(remote.Id).Running);
    }

    private static NodeView Node(string name, NodeFreshness? asked, NodeState? known, in StatusCounts day, in StatusCounts running) => new(
        name,
        asked?.LastReached,
        asked?.Took,
        asked?.Problem,
        asked?.SeesAllTasks,
        asked?.ClockAhead,
        known?.NotReachedSince,
        known?.Gaps ?? [],
        day.Total,
        running.Running);
}

/// <summary>What the cache has of all remotes.</summary>
/// <param name="Day">Tasks that began in the last 24 hours.</param>
/// <param name="Running">Tasks that run now.</param>
/// <param name="Days">Tasks of the last days.</param>
internal sealed record RemoteFigures(TaskStatistics Day, TaskStatistics Running, DailyCounts Days);
