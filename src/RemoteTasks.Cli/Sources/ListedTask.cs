using System.Text.Json.Serialization;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Sources;

/// <summary>A row as every face of the product shows it; null members are left out in JSON, but for <c>worker_id</c>.</summary>
internal sealed record ListedTask(
    string Upid,
    string Remote,
    string Node,
    long Pid,
    long Pstart,
    long Starttime,
    string WorkerType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? WorkerId,
    string User,
    long? Endtime,
    string? Status)
{
    internal StatusClass Class => this switch
    {
        { Endtime: null } => StatusClass.Running,
        { Status: "OK" } => StatusClass.Ok,
        { Status: null or "" or "unknown" or "unexpected status" } => StatusClass.Unknown,
        _ => Status.StartsWith("WARNINGS: ", StringComparison.Ordinal) ? StatusClass.Warning : StatusClass.Error,
    };

    internal static ListedTask Of(TaskRow row) => new(
        row.Upid, row.Remote, row.Node, row.Pid, row.PStart, row.StartTime, row.WorkerType, row.WorkerId, row.User, row.EndTime, row.Status);
}

/// <summary>One page of the REST list.</summary>
internal sealed record ListBody(IReadOnlyList<ListedTask> Data, long Total, string? Next, IReadOnlyList<UnknownPart>? Unknown);

/// <summary>The REST answer for one task.</summary>
internal sealed record TaskBody(ListedTask Data);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListBody))]
[JsonSerializable(typeof(TaskBody))]
[JsonSerializable(typeof(IReadOnlyList<UnknownPart>))]
internal sealed partial class ListJson : JsonSerializerContext;
