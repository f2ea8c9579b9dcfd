using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote test</c></summary>
internal static class RemoteTestCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        var ids = new Argument<string[]>("id") { Description = "Which remotes; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("test", "Ask remotes as the daemon would, and say what is wrong with each node. Exit code 1 when something is.") { ids, file };
        command.SetAction(async (parsed, ct) =>
        {
            IReadOnlyList<RemoteDefinition> remotes = RemoteCommand.Pick(RemotesFile.Load(parsed.GetRequiredValue(file)), parsed.GetValue(ids) ?? []);
            bool isGood = true;
            foreach (RemoteDefinition remote in remotes)
                isGood &= await TestAsync(terminal.Out, remote, mayBeOffline: false, ct);
            return isGood ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Asks every node for a task; whether all answered, and may be seen whole.</summary>
    /// <param name="to">Where it is said of each node.</param>
    /// <param name="remote">The remote.</param>
    /// <param name="mayBeOffline">Whether a node that its cluster calls offline is no fault, if another one is not: it tells nothing of the token.</param>
    /// <param name="ct">Ends the call.</param>
    internal static async Task<bool> TestAsync(TextWriter to, RemoteDefinition remote, bool mayBeOffline, CancellationToken ct)
    {
        using var client = new ProxmoxClient(remote);
        IReadOnlyList<RemoteNode> nodes;
        try
        {
            nodes = await client.ListNodesAsync(ct);
        }
        catch (ProxmoxException error)
        {
            Say(to, remote, "-", error.Message);
            return false;
        }

        bool isGood = nodes.Any(node => node.Online);
        foreach (RemoteNode node in nodes)
        {
            string? problem = node.Online ? await ProblemAsync(client, node.Name, ct) : "The cluster says that this node is offline.";
            Say(to, remote, node.Name, problem ?? "good");
            isGood &= problem is null || (mayBeOffline && !node.Online);
        }

        return isGood;
    }

    private static async Task<string?> ProblemAsync(ProxmoxClient client, string node, CancellationToken ct)
    {
        try
        {
            await client.ListTasksAsync(node, new TaskListParameters { Source = TaskSource.All, Limit = 1 }, ct);
            return await client.SeesAllTasksAsync(node, ct) == false
                ? "The token sees only its own tasks. Give it PVEAuditor on / of a cluster, Audit on /system/tasks of a Backup Server."
                : null;
        }
        catch (ProxmoxException error)
        {
            return error.Message;
        }
    }

    private static void Say(TextWriter to, RemoteDefinition remote, string node, string text) =>
        to.WriteLine($"{remote.Id} {SafeText.Clean(node)}: {SafeText.Clean(text)}");
}
