using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks refresh</c></summary>
internal static class RefreshCommand
{
    // A poll asks every node, and each may take its whole time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        var remotes = new Argument<string[]>("remote") { Description = "Remotes to poll; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("refresh", "Let a daemon poll remotes now, and wait for what they say.") { remotes };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using DaemonClient client = daemon.Open(parsed, Patience);
            string query = string.Join('&', (parsed.GetValue(remotes) ?? []).Select(remote => $"remotes={Uri.EscapeDataString(remote)}"));
            RefreshBody body = await client.SendAsync(HttpMethod.Post, query.Length == 0 ? "refresh" : $"refresh?{query}", DaemonJson.Default.RefreshBody, ct);
            foreach (RefreshedRemote remote in body.Data)
                await PrintAsync(terminal, remote);
            return body.Data.Any(remote => remote.Problems.Count > 0) ? ExitCode.Failed : ExitCode.Good;
        });
        return command;
    }

    private static async Task PrintAsync(Terminal terminal, RefreshedRemote remote)
    {
        string name = SafeText.Clean(remote.Remote);
        await terminal.Out.WriteLineAsync($"{name}: {remote.New} new, {remote.Running} running");
        foreach ((string node, string problem) in remote.Problems.OrderBy(problem => problem.Key, StringComparer.Ordinal))
            await terminal.Error.WriteLineAsync($"{name} {SafeText.Clean(node)}: {SafeText.Clean(problem)}");
    }
}
