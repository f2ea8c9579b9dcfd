using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>Where a task's remote shows it itself.</summary>
internal static class WebLinks
{
    private const string PveNode = "#v1:0:=node%2F";
    private const string PbsTasks = "#pbsServerAdministration:tasks";

    /// <summary>Null when the remote is not known any more.</summary>
    internal static string? Of(FleetPoller poller, TaskRow row)
    {
        if (!poller.Remotes.TryGetValue(row.Remote, out RemotePoller? remote))
            return null;
        RemoteDefinition definition = remote.Client.Remote;
        string page = Page(definition);
        return page + (definition.Type == RemoteType.Pbs ? PbsTasks : PveNode + Uri.EscapeDataString(row.Node) + ":4:");
    }

    /// <summary>The remote's own page, with a slash at its end.</summary>
    internal static string Page(RemoteDefinition remote)
    {
        return Uri.TryCreate(remote.WebUrl, UriKind.Absolute, out Uri? given) && given.Scheme == Uri.UriSchemeHttps
            ? given.AbsoluteUri.TrimEnd('/') + "/"
            : $"https://{remote.Endpoints[0]}/";
    }
}
