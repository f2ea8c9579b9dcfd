using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads <c>{path:{privilege:propagates}}</c>.</summary>
internal static class PermissionsReader
{
    private const string Privilege = "Sys.Audit";

    internal static TokenRights Read(JsonElement data, RemoteType type)
    {
        var audit = new Dictionary<string, bool?>(StringComparer.Ordinal);
        foreach (JsonProperty path in data.EnumerateObject())
        {
            if (path.Value.ValueKind == JsonValueKind.Object)
                audit[path.Name] = JsonValues.Flag(JsonValues.Member(path.Value, Privilege));
        }

        return new TokenRights(type, audit);
    }
}
