using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>Words for a token that may ask, but sees only its own tasks.</summary>
internal static class HiddenTasks
{
    internal static string Problem(RemoteDefinition remote) =>
        $"The token '{remote.AuthId}' sees only its own tasks. "
        + (remote.Type == RemoteType.Pve
            ? $"Give it Sys.Audit: pveum acl modify / --tokens '{remote.AuthId}' --roles PVEAuditor (and the same for its user)."
            : $"Give it Sys.Audit: proxmox-backup-manager acl update /system/tasks Audit --auth-id '{remote.AuthId}' (and the same for its user).");
}
