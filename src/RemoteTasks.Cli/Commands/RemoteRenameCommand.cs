using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Cli.Commands;

/// <summary>
/// <c>remote-tasks remote rename</c>: first the cache, which remembers what it was told, then the file, then the cache forgets. Wherever it is
/// interrupted, the same command does what is left.
/// </summary>
internal static class RemoteRenameCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        Option<string> data = DataOptions.Data();
        Argument<string> id = RemoteCommand.Id();
        Argument<string> newId = RemoteCommand.Id("new-id");
        var command = new Command(
            "rename", "Give a remote another name; its history stays, once, under the new one. The daemon must not run meanwhile. "
            + "Interrupted, it can be given again.")
        {
            id, newId, file, data,
        };
        command.SetAction(parsed =>
        {
            var rename = new RemoteRename(parsed.GetRequiredValue(id), parsed.GetRequiredValue(newId));
            Run(rename, parsed.GetRequiredValue(file), parsed.GetRequiredValue(data));
            terminal.Out.WriteLine($"'{rename.From}' is now '{rename.To}', and so is its history.");
            return ExitCode.Good;
        });
        return command;
    }

    private static void Run(RemoteRename rename, string path, string data)
    {
        using IDisposable alone = PrivateFile.Lock(path);
        RemotesEditor editor = RemotesEditor.Open(path);
        bool isWritten = Has(editor, rename.To) && !Has(editor, rename.From);
        if (!isWritten)
            editor.Rename(rename.From, rename.To);
        byte[] content = editor.ToBytes();
        using RemoteCache cache = RemoteCache.TryTake(data, path) ?? throw RemoteCache.Missing(data);
        bool isBegun = cache.Renamed == rename;
        if (isWritten && !isBegun)
            editor.Rename(rename.From, rename.To);
        if (!isWritten)
        {
            cache.EnsureNothingPends(editor, rename);
            if (!isBegun && cache.HasTasks(rename.To))
            {
                throw new UsageException(
                    $"The cache has tasks of another remote '{rename.To}', which was removed: theirs would become one history. Choose another id. "
                    + "Nothing was changed.");
            }

            cache.Change(writer => writer.RenameRemote(rename.From, rename.To));
            KeptLogs.Rename(data, rename.From, rename.To);
            PrivateFile.Replace(path, content);
        }

        cache.Change(writer => writer.SettleRename());
    }

    private static bool Has(RemotesEditor editor, string id) => editor.Remotes.Any(remote => remote.Id == id);
}
