using System.CommandLine;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks remote remove</c>: first the cache, then the file; interrupted, the same command does what is left.</summary>
internal static class RemoteRemoveCommand
{
    internal static Command Create(Terminal terminal)
    {
        Option<string> file = DataOptions.Remotes();
        Option<string> data = DataOptions.Data();
        Argument<string> id = RemoteCommand.Id();
        var keep = new Option<bool>("--keep-tasks") { Description = "Its finished tasks stay in the list." };
        var purge = new Option<bool>("--purge-tasks") { Description = "Its tasks are removed from every file, and their logs." };
        var command = new Command("remove", "Poll a remote no more. The daemon must not run meanwhile.") { id, file, data, keep, purge };
        command.SetAction(parsed =>
        {
            bool isPurge = parsed.GetValue(purge);
            if (parsed.GetValue(keep) == isPurge)
                throw new UsageException("Say what becomes of its tasks: --keep-tasks or --purge-tasks.");
            string gone = parsed.GetRequiredValue(id);
            Run(gone, isPurge, parsed.GetRequiredValue(file), parsed.GetRequiredValue(data));
            terminal.Out.WriteLine($"'{gone}' is removed; its tasks {(isPurge ? "are, too" : "stay in the list")}.");
            return ExitCode.Good;
        });
        return command;
    }

    private static void Run(string gone, bool isPurge, string path, string data)
    {
        using IDisposable alone = PrivateFile.Lock(path);
        RemotesEditor editor = RemotesEditor.Open(path);
        editor.Remove(gone);
        byte[] content = editor.ToBytes();
        using RemoteCache? cache = RemoteCache.TryTake(data, path);
        if (cache is null && isPurge)
            throw RemoteCache.Missing(data);
        cache?.EnsureNothingPends(editor, than: null);
        if (isPurge)
            KeptLogs.Purge(data, gone);
        cache?.Change(writer => writer.RemoveRemote(gone, isPurge));
        PrivateFile.Replace(path, content);
    }
}
