using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// Tells from <c>{path:{privilege:propagates}}</c> whether a token may see all tasks of a node. The closest path decides, since a path's own entry
/// replaces what it would inherit; from a parent only what propagates is inherited.
/// </summary>
internal static class PermissionsReader
{
    private const string Privilege = "Sys.Audit";

    internal static bool SeesAllTasks(JsonElement data, RemoteType type, string node)
    {
        string[] paths = type == RemoteType.Pve ? [$"/nodes/{node}", "/nodes", "/"] : ["/system/tasks", "/system", "/"];
        for (int i = 0; i < paths.Length; i++)
        {
            if (JsonValues.Member(data, paths[i]) is not { ValueKind: JsonValueKind.Object } privileges)
                continue;
            bool? propagates = JsonValues.Flag(JsonValues.Member(privileges, Privilege));
            return i == 0 ? propagates is not null : propagates == true;
        }
        return false;
    }
}
