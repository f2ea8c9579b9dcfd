namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// The value of the Authorization header. PVE joins name and secret with '=' and decodes the whole value, which ends at ';';
/// PBS joins them with ':' and decodes the secret only.
/// </summary>
internal static class AuthorizationHeader
{
    internal static string Value(RemoteDefinition remote)
    {
        string secret = Uri.EscapeDataString(remote.Token.Reveal());
        return remote.Type == RemoteType.Pve
            ? $"PVEAPIToken={EscapePveName(remote.AuthId)}={secret}"
            : $"PBSAPIToken={remote.AuthId}:{secret}";
    }

    private static string EscapePveName(string authId) =>
        authId.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
