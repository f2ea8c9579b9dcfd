using System.Collections.Frozen;

namespace RemoteTasks.Proxmox;

/// <summary>
/// Where a token has the privilege Sys.Audit: without it a remote answers with the token's own tasks only, and says nothing of it. A path's own entry
/// replaces what it would inherit; from a parent only what propagates is inherited.
/// </summary>
public sealed class TokenRights
{
    private readonly RemoteType _type;
    private readonly FrozenDictionary<string, bool> _audit;

    /// <param name="type">The product.</param>
    /// <param name="audit">Whether the privilege propagates, by path; null where a path has an entry without it.</param>
    internal TokenRights(RemoteType type, IEnumerable<KeyValuePair<string, bool?>> audit)
    {
        _type = type;
        _audit = audit.ToFrozenDictionary(entry => entry.Key, entry => entry.Value ?? false, StringComparer.Ordinal);
        Granted = [.. audit.Where(entry => entry.Value is not null).Select(entry => entry.Key)];
    }

    /// <summary>Paths with the privilege itself, such as <c>/nodes</c>.</summary>
    public IReadOnlyList<string> Granted { get; }

    /// <summary>Whether all tasks of the whole cluster are told, not the token's own only.</summary>
    public bool SeesClusterTasks => Granted.Contains("/", StringComparer.Ordinal);

    /// <summary>Whether the token may see all tasks of a node.</summary>
    public bool SeesAllTasks(string node)
    {
        string[] paths = _type == RemoteType.Pve ? [$"/nodes/{node}", "/nodes", "/"] : ["/system/tasks", "/system", "/"];
        for (int i = 0; i < paths.Length; i++)
        {
            if (_audit.TryGetValue(paths[i], out bool propagates))
                return i == 0 ? Granted.Contains(paths[i], StringComparer.Ordinal) : propagates;
        }

        return false;
    }
}
