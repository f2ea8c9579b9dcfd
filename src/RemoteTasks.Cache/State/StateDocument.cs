using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemoteTasks.Cache.State;

/// <summary>
/// The file <c>state</c>: what the poller must remember between two runs. The first two members are the reference's, the others
/// are ours, and members that neither knows are kept.
/// <code>
/// {"remote-state":{"REMOTE":{"node-state":{"NODE":{"cutoff":s,"not-reached-since":s,"gaps":[{"from":s,"to":s}]}}}},
///  "tracked-tasks":["pve:REMOTE!UPID:..."],
///  "repairs":[{"file":"archive.E","from":s,"to":s,"problem":"...","settled":s}],
///  "renaming":{"from":"REMOTE","to":"REMOTE"}, "renamed":{"from":"REMOTE","to":"REMOTE"}, "removing":"REMOTE"}
/// </code>
/// </summary>
internal sealed class StateDocument
{
    public SortedDictionary<string, RemoteStateDocument> RemoteState { get; set; } = [];

    public List<string> TrackedTasks { get; set; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<RepairDocument>? Repairs { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RenameDocument? Renaming { get; set; }

    /// <summary>The last renaming, all done here, until it is known that whoever names the remotes knows of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RenameDocument? Renamed { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Removing { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>No remote is half removed or half renamed.</summary>
    [JsonIgnore]
    internal bool IsAtRest => Removing is null && Renaming is null;

    /// <summary>The entry of a node, made when missing.</summary>
    internal NodeStateDocument Node(string remote, string node)
    {
        if (!RemoteState.TryGetValue(remote, out RemoteStateDocument? remoteState))
            RemoteState.Add(remote, remoteState = new RemoteStateDocument());
        if (!remoteState.NodeState.TryGetValue(node, out NodeStateDocument? nodeState))
            remoteState.NodeState.Add(node, nodeState = new NodeStateDocument());
        return nodeState;
    }
}

internal sealed class RemoteStateDocument
{
    public SortedDictionary<string, NodeStateDocument> NodeState { get; set; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed class NodeStateDocument
{
    /// <summary>Start time of the newest task up to which everything is known. 0: nothing yet.</summary>
    public long Cutoff { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? NotReachedSince { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<GapDocument>? Gaps { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed record GapDocument(long From, long To);

internal sealed record RepairDocument(string File, long From, long To, string Problem)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Settled { get; set; }
}

internal sealed record RenameDocument(string From, string To);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, MaxDepth = 16)]
[JsonSerializable(typeof(StateDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
