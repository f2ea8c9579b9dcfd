namespace RemoteTasks.Proxmox;

/// <summary>The product a remote runs; the two answer the same questions in different words.</summary>
public enum RemoteType
{
    /// <summary>Proxmox VE: a cluster of one or more nodes, port 8006.</summary>
    Pve,

    /// <summary>Proxmox Backup Server: one host, whose only node is called <c>localhost</c>, port 8007.</summary>
    Pbs,
}

/// <summary>The products' names in files, UPIDs and on the command line.</summary>
public static class RemoteTypes
{
    internal const string Pve = "pve";
    internal const string Pbs = "pbs";

    /// <summary><c>pve</c> or <c>pbs</c>.</summary>
    public static string Word(this RemoteType type) => type == RemoteType.Pbs ? Pbs : Pve;
}
