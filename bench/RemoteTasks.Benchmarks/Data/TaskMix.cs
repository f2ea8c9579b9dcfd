namespace RemoteTasks.Benchmarks.Data;

/// <summary>What a worker id names.</summary>
internal enum IdKind
{
    None,
    Guest,
    GuestOrNone,
    GuestAtStorage,
    Storage,
    Service,
    Image,
    Group,
    Store,
    Job,
}

/// <summary>A worker type with its share, its duration in seconds, and whether timers start it (then on the hour, as root).</summary>
internal sealed record TaskKind(string Type, double Share, int SecondsMin, int SecondsMax, IdKind Id, bool IsScheduled = false);

/// <summary>The share of each worker type: an assumption, since nobody publishes such figures.</summary>
internal static class TaskMix
{
    internal static readonly TaskKind[] Pve =
    [
        new("vzdump", 15, 60, 10_800, IdKind.GuestOrNone, IsScheduled: true),
        new("qmsnapshot", 12, 0, 6, IdKind.Guest, IsScheduled: true),
        new("qmdelsnapshot", 12, 0, 12, IdKind.Guest, IsScheduled: true),
        new("aptupdate", 4, 1, 9, IdKind.None, IsScheduled: true),
        new("vncproxy", 12, 2, 1_800, IdKind.Guest),
        new("vncshell", 2.5, 5, 3_600, IdKind.None),
        new("termproxy", 1.5, 5, 1_800, IdKind.None),
        new("spiceproxy", 1, 5, 1_800, IdKind.Guest),
        new("qmstart", 9, 0, 4, IdKind.Guest),
        new("qmshutdown", 5, 1, 60, IdKind.Guest),
        new("qmstop", 4, 0, 3, IdKind.Guest),
        new("qmreboot", 3, 1, 30, IdKind.Guest),
        new("qmconfig", 5, 0, 1, IdKind.Guest),
        new("qmclone", 1, 2, 900, IdKind.Guest),
        new("resize", 1, 0, 2, IdKind.Guest),
        new("vzstart", 4, 0, 3, IdKind.Guest),
        new("vzshutdown", 2.5, 0, 30, IdKind.Guest),
        new("qmigrate", 4, 5, 1_200, IdKind.Guest),
        new("vzmigrate", 1, 5, 600, IdKind.Guest),
        new("hastart", 1, 0, 2, IdKind.Guest),
        new("hamigrate", 0.7, 0, 2, IdKind.Guest),
        new("startall", 0.5, 0, 120, IdKind.None),
        new("imgdel", 1.5, 0, 4, IdKind.GuestAtStorage),
        new("imgcopy", 0.5, 5, 600, IdKind.Storage),
        new("download", 0.5, 5, 600, IdKind.Image),
        new("srvreload", 0.7, 0, 3, IdKind.Service),
        new("srvrestart", 0.6, 0, 3, IdKind.Service),
    ];

    internal static readonly TaskKind[] Pbs =
    [
        new("backup", 64, 2, 1_800, IdKind.Group, IsScheduled: true),
        new("reader", 10, 0, 600, IdKind.Group),
        new("prune", 8, 0, 5, IdKind.Group),
        new("prunejob", 6, 0, 20, IdKind.Store, IsScheduled: true),
        new("syncjob", 4, 60, 86_400, IdKind.Job, IsScheduled: true),
        new("verificationjob", 3, 600, 43_200, IdKind.Job, IsScheduled: true),
        new("garbage_collection", 2, 600, 28_800, IdKind.Store, IsScheduled: true),
        new("aptupdate", 1.5, 2, 20, IdKind.None, IsScheduled: true),
        new("logrotate", 1.5, 0, 2, IdKind.None, IsScheduled: true),
    ];

    internal static readonly string[] Users =
    [
        "root@pam", "root@pam", "root@pam", "alice@pve", "bob@pve", "carol@corp-ldap", "dave.miller@corp-ldap",
        "terraform@pve!tf", "svc-snap@pve!nightly", "91a1da29-7e0c-4a53-b1a3-5d6f0c2e8b11@pam!some-token",
    ];

    internal static readonly string[] Storages = ["local-lvm", "ceph-ssd", "nas.backup", "local"];

    internal static readonly string[] Services = ["pve-cluster", "pveproxy", "networking", "chrony", "pve-ha-lrm"];

    internal static readonly string[] Images = ["debian-12.7.0-amd64-netinst.iso", "ubuntu-24.04.1-live-server-amd64.iso", "virtio-win-0.1.262.iso"];

    internal static readonly string[] Stores = ["main", "Backup-Vms", "nvme.fast"];

    internal static readonly string[] Failures =
    [
        "job errors", "interrupted by signal", "received interrupt", "migration aborted", "failed (255)",
        "command '/usr/bin/qemu-img convert -p -n -f raw -O raw' failed: exit code 1",
        "can't lock file '/var/lock/qemu-server/lock-{0}.conf' - got timeout",
        "VM {0} qmp command 'backup' failed - got timeout", "start failed: QEMU exited with code 1",
        "storage 'nas-backup' is not online", "can't activate LV 'pve/vm-{0}-disk-0': timeout",
    ];

    private static readonly double PveShares = Pve.Sum(kind => kind.Share);
    private static readonly double PbsShares = Pbs.Sum(kind => kind.Share);

    internal static TaskKind Pick(bool isBackupServer, double share)
    {
        TaskKind[] kinds = isBackupServer ? Pbs : Pve;
        double rest = share * (isBackupServer ? PbsShares : PveShares);
        foreach (TaskKind kind in kinds)
        {
            rest -= kind.Share;
            if (rest < 0)
                return kind;
        }

        return kinds[^1];
    }
}
