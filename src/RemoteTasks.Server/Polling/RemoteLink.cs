using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>The way to a remote.</summary>
/// <param name="Remote">Who it is.</param>
/// <param name="Client">Asks it.</param>
/// <param name="Gate">Through which every call goes.</param>
/// <param name="Rights">What the token may see there.</param>
internal sealed record RemoteLink(RemoteDefinition Remote, ProxmoxClient Client, CallGate Gate, RemoteRights Rights);
