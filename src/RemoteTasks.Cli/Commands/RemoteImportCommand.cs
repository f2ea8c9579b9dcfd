using System.CommandLine;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cli.Output;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote import</c></summary>
internal static class RemoteImportCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        var from = new Argument<string>("remotes.cfg")
        {
            Description = "Of a Proxmox Datacenter Manager, in /etc/proxmox-datacenter-manager; remotes.shadow, with the secrets, is read beside it.",
        };
        var command = new Command("import", "Add the remotes that a Proxmox Datacenter Manager knows. What is there already stays as it is. Exit code 1 when one had to be left out.") { from, file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            var notes = new List<string>();
            IReadOnlyList<RemoteDefinition> found = DatacenterManagerRemotes.Load(parsed.GetRequiredValue(from), notes);
            using IDisposable alone = PrivateFile.Lock(path);
            RemotesEditor editor = RemotesEditor.Open(path);
            int added = 0;
            foreach (RemoteDefinition remote in found)
            {
                if (editor.Remotes.Any(known => known.Id == remote.Id))
                {
                    terminal.Error.WriteLine($"'{remote.Id}' is there already.");
                    continue;
                }

                editor.Add(remote, tokenFile: null);
                added++;
            }

            if (added > 0)
                PrivateFile.Replace(path, editor.ToBytes());
            foreach (string note in notes)
                terminal.Error.WriteLine(SafeText.Clean(note));
            terminal.Out.WriteLine($"{added} of {found.Count + notes.Count} remotes added to {path}. See whether they answer: remote-tasks remote test --remotes {path}");
            return notes.Count == 0 ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }
}
