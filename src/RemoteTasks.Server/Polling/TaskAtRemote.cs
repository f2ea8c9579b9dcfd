using System.Diagnostics.CodeAnalysis;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>A task where it ran: what to call to learn more of it than the cache knows.</summary>
/// <param name="Client">Speaks with its remote.</param>
/// <param name="Task">The task.</param>
internal sealed record TaskAtRemote(ProxmoxClient Client, RemoteUpid Task)
{
    /// <summary>The node in the words of that remote.</summary>
    internal string Node => Task.IsBackupServer ? "localhost" : Task.Node;

    /// <summary>Finds the remote; false when there is none to ask, and why.</summary>
    internal static bool TryFind(FleetPoller poller, RemoteUpid task, [NotNullWhen(true)] out TaskAtRemote? found, [NotNullWhen(false)] out string? problem)
    {
        found = null;
        problem = null;
        if (!poller.Remotes.TryGetValue(task.Remote, out RemotePoller? remote))
            problem = $"There is no remote '{task.Remote}' any more that could be asked.";
        else if (task.IsBackupServer != (remote.Client.Remote.Type == RemoteType.Pbs))
            problem = $"The task is not of the kind of remote '{task.Remote}'.";
        else
            found = new TaskAtRemote(remote.Client, task);
        return found is not null;
    }

    internal Task StopAsync(CancellationToken ct) => Client.StopTaskAsync(Node, Task.Native, ct);
}
