using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Cli.Output;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;

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
        Rename(terminal),
        Remove(terminal),
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

    private static Command Rename(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        Option<string> data = DataOptions.Data();
        Argument<string> id = Id();
        Argument<string> newId = Id("new-id");
        var command = new Command("rename", "Give a remote another name; its history stays, once, under the new one. The daemon must not run meanwhile.") { id, newId, file, data };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            (string from, string to) = (parsed.GetRequiredValue(id), parsed.GetRequiredValue(newId));
            RemotesEditor editor = RemotesEditor.Open(path);
            editor.Rename(from, to);
            Change(parsed.GetRequiredValue(data), writer => writer.RenameRemote(from, to), path, editor, needsCache: true);
            terminal.Out.WriteLine($"'{from}' is now '{to}', and so is its history.");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        Option<string> data = DataOptions.Data();
        Argument<string> id = Id();
        var keep = new Option<bool>("--keep-tasks") { Description = "Its finished tasks stay in the list." };
        var purge = new Option<bool>("--purge-tasks") { Description = "Its tasks are removed from every file." };
        var command = new Command("remove", "Poll a remote no more. The daemon must not run meanwhile.") { id, file, data, keep, purge };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(keep) == parsed.GetValue(purge))
                throw new UsageException("Say what becomes of its tasks: --keep-tasks or --purge-tasks.");
            string path = parsed.GetRequiredValue(file);
            string gone = parsed.GetRequiredValue(id);
            RemotesEditor editor = RemotesEditor.Open(path);
            editor.Remove(gone);
            Change(parsed.GetRequiredValue(data), writer => writer.RemoveRemote(gone, parsed.GetValue(purge)), path, editor, needsCache: parsed.GetValue(purge));
            terminal.Out.WriteLine($"'{gone}' is removed; its tasks {(parsed.GetValue(purge) ? "are, too" : "stay in the list")}.");
            return ExitCode.Good;
        });
        return command;
    }

    /// <summary>Changes the cache, then the file.</summary>
    private static void Change(string data, Action<CacheWriter> change, string path, RemotesEditor editor, bool needsCache)
    {
        byte[] content = editor.ToBytes();
        string home = Path.GetFullPath(data);
        string directory = ServerOptions.CacheDirectoryIn(home);
        bool isThere = Directory.Exists(directory);
        if (!isThere && needsCache)
            throw new UsageException($"There is no cache in '{directory}', so nothing was changed. Give the daemon's own directory by --data.");
        using DataDirectoryLock? alone = isThere ? DataDirectoryLock.Take(home) : null;
        if (isThere)
        {
            using CacheWriter writer = TaskCache.Open(directory).Write();
            try
            {
                change(writer);
            }
            catch (ArgumentException error)
            {
                throw new UsageException($"{UsageErrors.Explain(error)} Nothing was changed.");
            }
        }

        PrivateFile.Replace(path, content);
    }
}
