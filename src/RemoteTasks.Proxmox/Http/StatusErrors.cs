using RemoteTasks.Proxmox.Answers;

namespace RemoteTasks.Proxmox.Http;

/// <summary>What an HTTP status of the two products means, and what a person can do about it. Pure.</summary>
internal static class StatusErrors
{
    internal static (ProxmoxErrorKind Kind, string Remedy) Judge(ErrorText error, RemoteDefinition remote, HttpMethod method)
    {
        if (error.Says("no such task"))
            return (ProxmoxErrorKind.NotFound, "The node has forgotten the task or its log: it keeps only the newest ones.");
        // PVE says it of a node name that it does not know.
        if (error.Says("hostname lookup"))
            return (ProxmoxErrorKind.NodeUnreachable, "The cluster does not know this node: check its name, or whether it was removed.");
        return error.Status switch
        {
            400 => (ProxmoxErrorKind.BadParameter, BadParameter(error)),
            401 => (ProxmoxErrorKind.Unauthorized, Unauthorized(remote)),
            403 => (ProxmoxErrorKind.Forbidden, method == HttpMethod.Get ? MayNotRead(remote) : MayNotStop(remote)),
            404 => (ProxmoxErrorKind.NotFound, "There is no such call at this address: check host, port and type of the remote."),
            >= 300 and < 400 => (ProxmoxErrorKind.BadAnswer, "Redirects are not followed: write the host that really has the API."),
            >= 595 and <= 599 => (ProxmoxErrorKind.NodeUnreachable,
                "The node asked for is offline, or its cluster cannot reach it: check the node and, with 596, its certificate ('pvecm updatecerts')."),
            501 => (ProxmoxErrorKind.ServerError, "This host does not know the call: check that the remote's type is right and its version not too old."),
            506 => (ProxmoxErrorKind.ServerError, "The host wants HTTP/1.1: a proxy in between may speak another version."),
            >= 400 and < 500 and not 429 => (ProxmoxErrorKind.BadParameter, "Check that host and port are those of the API and not of a proxy."),
            _ => (ProxmoxErrorKind.ServerError, "Look at the system log of the host; it is asked again later."),
        };
    }

    private static string BadParameter(ErrorText error) => error.Parameters.Count == 0
        ? "The host does not accept the request: its version may be too old for a filter in use."
        : $"The host does not accept the parameter {string.Join(", ", error.Parameters.Select(name => $"'{name}'"))}: "
            + "leave it out or change it; its version may be too old for it.";

    private static string Unauthorized(RemoteDefinition remote)
    {
        string user = Quote(remote.AuthId[..remote.AuthId.LastIndexOf('!')]);
        string command = remote.Type == RemoteType.Pve ? $"pveum user token list {user}" : $"proxmox-backup-manager user list-tokens {user}";
        return $"The token is wrong, expired or deleted, or its user is disabled. On the host, '{command}' shows whether it exists and when it expires; "
            + "a lost secret cannot be shown again: make a new token and write it into the remote's definition.";
    }

    private static string MayNotRead(RemoteDefinition remote)
    {
        (string user, string token) = Names(remote);
        return remote.Type == RemoteType.Pve
            ? "The token lacks the privilege Sys.Audit. On the host run: "
                + $"pveum acl modify / --users {user} --roles PVEAuditor; pveum acl modify / --tokens {token} --roles PVEAuditor"
            : "The token lacks the privilege Sys.Audit on /system/tasks. On the host run: "
                + $"proxmox-backup-manager acl update /system/tasks Audit --auth-id {user}; "
                + $"proxmox-backup-manager acl update /system/tasks Audit --auth-id {token}";
    }

    private static string MayNotStop(RemoteDefinition remote)
    {
        (string user, string token) = Names(remote);
        return remote.Type == RemoteType.Pve
            ? "To stop tasks of others the token needs Sys.Modify on the node. On the host run: "
                + "pveum role add TaskStop --privs 'Sys.Audit Sys.Modify'; "
                + $"pveum acl modify /nodes --users {user} --roles TaskStop; pveum acl modify /nodes --tokens {token} --roles TaskStop"
            : "To stop tasks of others the token needs Sys.Modify on /system/tasks. On the host run: "
                + $"proxmox-backup-manager acl update /system/tasks Admin --auth-id {user}; "
                + $"proxmox-backup-manager acl update /system/tasks Admin --auth-id {token}";
    }

    private static (string User, string Token) Names(RemoteDefinition remote) =>
        (Quote(remote.AuthId[..remote.AuthId.LastIndexOf('!')]), Quote(remote.AuthId));

    // For a shell, whose history expansion would take the '!' otherwise.
    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
