using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemoteTasks.Cli.Sources;

/// <summary>What a poll of a remote brought.</summary>
internal sealed record RefreshedRemote(string Remote, int New, int Running, IReadOnlyDictionary<string, string> Problems);

internal sealed record RefreshBody(IReadOnlyList<RefreshedRemote> Data);

/// <summary>A piece of a log; <c>kept</c> is the source of a copy of the daemon's own.</summary>
internal sealed record LogBody(IReadOnlyList<LogLine> Data, long Total, string? Source, long? Fetched, string? Problem);

internal sealed record LogLine(long N, string T);

/// <summary>A task's state as its remote tells it.</summary>
internal sealed record StatusBody(RemoteStatus Data);

internal sealed record RemoteStatus(
    string Upid, string? Node, string Status, string? Exitstatus, long? Starttime, string? Type, string? Id, string? User, long? Pid)
{
    internal bool IsRunning => Status == "running";
}

/// <summary>An answer that says no more than that it was done.</summary>
internal sealed record DoneBody(JsonElement? Data);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RefreshBody))]
[JsonSerializable(typeof(LogBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(DoneBody))]
internal sealed partial class DaemonJson : JsonSerializerContext;
