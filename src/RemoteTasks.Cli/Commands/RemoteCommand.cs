using System.CommandLine;
using RemoteTasks.Cli.Output;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote</c>: the remotes file, so that nobody has to write it by hand.</summary>
internal static class RemoteCommand
{
    internal static Command Create(Terminal terminal) => new("remote", "Say which clusters and Backup Servers are polled.")
    {
        List(terminal),
        RemoteAddCommand.Create(terminal),
        RemoteImportCommand.Create(terminal),
        RemoteTestCommand.Create(terminal),
        RemoteCertificateCommand.Create(terminal),
        RemoteRenameCommand.Create(terminal),
        RemoteRemoveCommand.Create(terminal),
    };

    internal static Argument<string> Id(string name = "id") => new(name) { Description = "The remote's name in lists." };

    /// <summary>The remotes that are named; all when none is.</summary>
    internal static IReadOnlyList<RemoteDefinition> Pick(IReadOnlyList<RemoteDefinition> all, string[] ids)
    {
        if (ids.FirstOrDefault(id => all.All(remote => remote.Id != id)) is { } missing)
            throw new UsageException($"There is no remote '{missing}'. There are: {string.Join(", ", all.Select(remote => remote.Id))}.");
        return ids.Length == 0 ? all : [.. all.Where(remote => ids.Contains(remote.Id, StringComparer.Ordinal))];
    }

    private static Command List(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        var command = new Command("list", "Show the remotes, without their secrets.") { file };
        command.SetAction(parsed =>
        {
            IReadOnlyList<RemoteDefinition> remotes = RemotesFile.Load(parsed.GetRequiredValue(file));
            string[][] rows =
            [
                ["REMOTE", "TYPE", "TOKEN", "ADDRESS", "CERTIFICATE"],
                .. remotes.SelectMany(remote => remote.Endpoints.Select((endpoint, i) => (string[])
                [
                    i == 0 ? remote.Id : "", i == 0 ? remote.Type.Word() : "", i == 0 ? remote.AuthId : "", endpoint.ToString(),
                    endpoint.Fingerprint is { } pin ? $"pinned {pin[..23]}…" : "as this system trusts",
                ])),
            ];
            int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
            foreach (string[] row in rows)
                terminal.Out.WriteLine(string.Join("  ", row.Select((cell, column) => SafeText.Padded(cell, widths[column]))).TrimEnd());
            return ExitCode.Good;
        });
        return command;
    }
}
