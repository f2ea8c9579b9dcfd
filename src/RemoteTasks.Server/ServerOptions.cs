using System.Net;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server;

/// <summary>What a daemon is started with.</summary>
public sealed record ServerOptions
{
    /// <summary>The remotes to poll.</summary>
    public required IReadOnlyList<RemoteDefinition> Remotes { get; init; }

    /// <summary>The file that the remotes came from, to be read again when it changes; null: they stay as they are.</summary>
    public string? RemotesFile { get; init; }

    /// <summary>Where the daemon keeps what is its own: the cache in <c>remote-tasks</c>, the token in <c>admin-token</c>, logs in <c>kept-logs</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where to listen; port 0 takes any free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8480);

    /// <summary>How often things are done.</summary>
    public PollIntervals Intervals { get; init; } = new();

    /// <summary>Calls to all remotes together at a time.</summary>
    public int ConnectionsMax { get; init; } = 20;

    /// <summary>Calls to one remote at a time.</summary>
    public int ConnectionsPerRemote { get; init; } = 5;

    /// <summary>How long a node's answer is waited for before what the others of its cluster answered is stored without it. Real time.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How the cache is kept.</summary>
    public TaskCacheOptions Cache { get; init; } = new();

    /// <summary>How browsers reach it.</summary>
    public WebOptions Web { get; init; } = new();

    /// <summary>How much is kept of the logs of tasks that did not end well.</summary>
    public KeptLogOptions KeptLogs { get; init; } = new();

    /// <summary>The least of what is logged.</summary>
    public LogLevel LogLevelMin { get; init; } = LogLevel.Information;

    /// <summary>Whether a line of the log is a JSON object.</summary>
    public bool HasJsonLog { get; init; }

    /// <summary>The OpenTelemetry collector (OTLP over gRPC) that metrics and traces are sent to; null: none.</summary>
    public Uri? Collector { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The cache in a data directory.</summary>
    public static string CacheDirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "remote-tasks");

    internal string CacheDirectory => CacheDirectoryIn(DataDirectory);

    internal string TokenFile => Path.Combine(DataDirectory, "admin-token");
}
