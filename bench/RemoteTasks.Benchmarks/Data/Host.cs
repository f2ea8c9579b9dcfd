namespace RemoteTasks.Benchmarks.Data;

/// <summary>A place where tasks run, one each period. A busy Backup Server counts as several hosts of the same name.</summary>
internal readonly record struct Host(int Index)
{
    internal const int Count = PveCount + PbsCount;

    private const int Remotes = 100;
    private const int NodesPerRemote = 10;
    private const int PveCount = Remotes * NodesPerRemote;
    private const int BackupServers = 5;
    private const int PbsCount = 30;

    internal bool IsBackupServer => Index >= PveCount;

    internal string Remote => IsBackupServer ? $"pbs-{Index % BackupServers}" : $"pve-{Index / NodesPerRemote:D2}";

    internal string Node => IsBackupServer ? $"backup-{Index % BackupServers}" : $"pve{Index / NodesPerRemote:D2}-n{Index % NodesPerRemote}";

    /// <summary>Hosts of one remote fail together: it is their storage that dies.</summary>
    internal int OutageGroup => IsBackupServer ? Remotes + (Index % BackupServers) : Index / NodesPerRemote;
}
