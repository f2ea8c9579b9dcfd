using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary>The options of commands that only a daemon can answer.</summary>
internal sealed class DaemonOptions
{
    private readonly Option<string> _server = new("--server") { Description = "The daemon to ask.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8480" };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "File with the daemon's token. Default: admin-token in the data directory that 'serve' has by default, for a daemon on this machine.", HelpName = "FILE",
    };

    internal void AddTo(Command command)
    {
        command.Options.Add(_server);
        command.Options.Add(_tokenFile);
    }

    internal DaemonClient Open(ParseResult parsed, TimeSpan? patience = null)
    {
        string server = parsed.GetRequiredValue(_server);

        // This machine's own token is nothing for another one.
        bool isHere = DaemonClient.TryParse(server, out Uri? address) && address.IsLoopback;
        string token = parsed.GetValue(_tokenFile) ?? (isHere ? DataOptions.DefaultTokenFile() : throw new UsageException("A daemon elsewhere needs its token: --token-file FILE."));
        return patience is { } time ? new DaemonClient(server, token) { Patience = time } : new DaemonClient(server, token);
    }
}

/// <summary>The argument that names a task.</summary>
internal static class UpidArgument
{
    internal static Argument<string> Create() => new("upid") { Description = "The task, as listed: pve:REMOTE!UPID:... in single quotes." };

    internal static string Value(ParseResult parsed, Argument<string> argument)
    {
        string text = parsed.GetRequiredValue(argument);
        return RemoteUpid.TryParse(text, out RemoteUpid? upid, out string? problem)
            ? upid.Text
            : throw new UsageException($"'{text}' is not the UPID of a remote task: {problem}. It looks like 'pve:REMOTE!UPID:NODE:...'; 'remote-tasks list --format jsonl' shows them.");
    }
}
