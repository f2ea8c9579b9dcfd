using System.CommandLine;
using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Sources;

/// <summary>The options that say where tasks are listed from, and which.</summary>
internal sealed class QueryOptions
{
    private readonly Option<string?> _cache = new("--cache") { Description = "List this cache directory.", HelpName = "DIR" };
    private readonly Option<string?> _server = new("--server") { Description = "List what this daemon knows.", HelpName = "URL" };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "File with the daemon's token.", HelpName = "FILE" };
    private readonly Option<string?> _remote = new("--remote") { Description = "Only of this remote.", HelpName = "ID" };
    private readonly Option<string?> _node = new("--node") { Description = "Only of this node.", HelpName = "NAME" };
    private readonly Option<string?> _type = new("--type") { Description = "Part of the worker type: vz also finds vzdump.", HelpName = "TEXT" };
    private readonly Option<string?> _user = new("--user") { Description = "Part of the user, token included.", HelpName = "TEXT" };
    private readonly Option<string?> _status = new("--status") { Description = "Any of ok,warning,error,unknown,running.", HelpName = "LIST" };
    private readonly Option<bool> _errors = new("--errors") { Description = "Leave out what ended OK." };
    private readonly Option<bool> _running = new("--running") { Description = "Only tasks that run." };
    private readonly Option<long?> _guest = new("--guest") { Description = "Number of a guest (vmid).", HelpName = "N" };
    private readonly Option<string?> _workerId = new("--worker-id") { Description = "The worker id, exactly, as listed.", HelpName = "ID" };
    private readonly Option<string?> _text = new("--text") { Description = "Part of remote, node, type, worker id, user or status, in either case.", HelpName = "TEXT" };
    private readonly Option<string?> _since = new("--since") { Description = "Began at or after: seconds since the epoch, 2026-11-24T08:00 (UTC), or 90m, 48h, 7d ago.", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "Began at or before; as --since.", HelpName = "TIME" };
    private readonly Option<long> _start = new("--start") { Description = "Tasks to pass over.", HelpName = "N" };
    private readonly Option<long> _limit = new("--limit") { Description = "Tasks to list; 0 means all.", HelpName = "N", DefaultValueFactory = _ => TaskQuery.DefaultLimit };
    private readonly Option<string?> _after = new("--after") { Description = "Go on behind this task.", HelpName = "UPID" };

    /// <summary>Gives a command these options.</summary>
    internal void AddTo(Command command, bool withPaging)
    {
        Option[] which = [_cache, _server, _tokenFile, _remote, _node, _type, _user, _status, _errors, _running, _guest, _workerId, _text, _since, _until];
        foreach (Option option in which)
            command.Options.Add(option);
        if (!withPaging)
            return;
        command.Options.Add(_start);
        command.Options.Add(_limit);
        command.Options.Add(_after);
    }

    internal ITaskSource OpenSource(ParseResult parsed)
    {
        string? cache = parsed.GetValue(_cache);
        string? server = parsed.GetValue(_server);
        if (cache is null == server is null)
            throw new UsageException("Say where to list from: --cache DIR, or --server URL with --token-file FILE.");
        if (cache is not null)
            return new DirectorySource(cache);
        return new ServerSource(server!, parsed.GetValue(_tokenFile) ?? throw new UsageException("A daemon needs its token: --token-file FILE (admin-token in its data directory)."));
    }

    internal TaskQuery Query(ParseResult parsed, TimeProvider clock) => new()
    {
        Scope = parsed.GetValue(_running) ? TaskScope.Running : TaskScope.All,
        Remote = parsed.GetValue(_remote),
        Node = parsed.GetValue(_node),
        Type = parsed.GetValue(_type),
        User = parsed.GetValue(_user),
        Statuses = parsed.GetValue(_status) is { } statuses ? [.. statuses.Split(',', StringSplitOptions.TrimEntries).Select(Status)] : null,
        Errors = parsed.GetValue(_errors),
        Guest = NotNegative("--guest", parsed.GetValue(_guest)),
        WorkerId = parsed.GetValue(_workerId),
        Text = parsed.GetValue(_text),
        Since = parsed.GetValue(_since) is { } since ? TimeText.Parse("--since", since, clock) : null,
        Until = parsed.GetValue(_until) is { } until ? TimeText.Parse("--until", until, clock) : null,
        Start = NotNegative("--start", parsed.GetValue(_start)) ?? 0,
        Limit = NotNegative("--limit", parsed.GetValue(_limit)) ?? 0,
        After = parsed.GetValue(_after) is { } after ? Upid(after) : null,
    };

    private static long? NotNegative(string option, long? value) =>
        value is < 0 ? throw new UsageException($"{option} must be 0 or more.") : value;

    private static string Upid(string text) => RemoteUpid.TryParse(text, out _, out string? problem)
        ? text
        : throw new UsageException($"--after must be the UPID of a remote task: {problem}.");

    private static StatusClass Status(string text) => text switch
    {
        "ok" => StatusClass.Ok,
        "warning" => StatusClass.Warning,
        "error" => StatusClass.Error,
        "unknown" => StatusClass.Unknown,
        "running" => StatusClass.Running,
        _ => throw new UsageException($"--status: '{text}' is none of ok, warning, error, unknown, running."),
    };
}
