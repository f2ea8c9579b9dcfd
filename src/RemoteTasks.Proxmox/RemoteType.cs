namespace RemoteTasks.Proxmox;

/// <summary>The product a remote runs; the two answer the same questions in different words.</summary>
public enum RemoteType
{
    /// <summary>Proxmox VE: a cluster of one or more nodes, port 8006.</summary>
    Pve,

    /// <summary>Proxmox Backup Server: one host, whose only node is called <c>localhost</c>, port 8007.</summary>
    Pbs,
}
