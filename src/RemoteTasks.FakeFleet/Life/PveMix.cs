namespace RemoteTasks.FakeFleet.Life;

/// <summary>What a PVE node does all day. Worker ids are raw text: they hold '-', '@', '.' and may be empty.</summary>
internal sealed class PveMix : Mix
{
    private static readonly string[] Root = ["root@pam"];

    private static readonly string[] People =
        ["root@pam", "root@pam", "root@pam", "alice@pve", "bob@pve", "carol@corp-ldap", "dave.miller@corp-ldap"];

    private static readonly string[] Tools =
        ["root@pam", "terraform@pve!tf", "svc-snap@pve!nightly", "91a1da29-7e0c-4a53-b1a3-5d6f0c2e8b11@pam!some-token"];

    private static readonly string[] Everybody = [.. People, .. Tools];

    // Static fields are set in this order, and the tables below need those above.
    public static readonly PveMix Instance = new();

    public override Deck Scheduled { get; } = new(
        new TaskKind("vzdump", 28, (60, 10_800), static (dice, place) => dice.Happens(0.4) ? place.Guest(dice) : "", Root),
        new TaskKind("qmsnapshot", 30, (0, 6), Guest, Tools),
        new TaskKind("qmdelsnapshot", 28, (0, 12), Guest, Tools),
        new TaskKind("aptupdate", 12, (1, 9), None, Root),
        new TaskKind("imgcopy", 2, (5, 600), Storage, Root));

    public override Deck Casual { get; } = new(
        new TaskKind("vncproxy", 150, (2, 1_800), Guest, People),
        new TaskKind("vncshell", 30, (5, 3_600), None, People),
        new TaskKind("spiceproxy", 15, (5, 1_800), Guest, People),
        new TaskKind("termproxy", 15, (5, 1_800), None, People),
        new TaskKind("qmstart", 110, (0, 4), Guest, Everybody),
        new TaskKind("qmshutdown", 55, (1, 60), Guest, Everybody),
        new TaskKind("qmstop", 40, (0, 3), Guest, Everybody),
        new TaskKind("qmreboot", 30, (1, 30), Guest, Everybody),
        new TaskKind("qmconfig", 50, (0, 1), Guest, Tools),
        new TaskKind("qmclone", 15, (2, 900), Guest, Tools),
        new TaskKind("resize", 15, (0, 2), Guest, Tools),
        new TaskKind("qmdestroy", 15, (0, 5), Guest, Everybody),
        new TaskKind("qmrestore", 4, (60, 7_200), Guest, People),
        new TaskKind("qmigrate", 50, (5, 1_200), Guest, People),
        new TaskKind("vzstart", 60, (0, 3), Guest, Everybody),
        new TaskKind("vzshutdown", 40, (0, 30), Guest, Everybody),
        new TaskKind("vzmigrate", 15, (5, 600), Guest, People),
        new TaskKind("hastart", 15, (0, 2), Guest, Root),
        new TaskKind("hamigrate", 15, (0, 2), Guest, Root),
        new TaskKind("startall", 6, (0, 120), None, Root),
        new TaskKind("imgdel", 20, (0, 4), static (dice, place) => place.Guest(dice) + "@" + Storage(dice, place), Everybody),
        new TaskKind("download", 8, (5, 600), Image, People),
        new TaskKind("srvreload", 10, (0, 3), static (_, _) => "networking", People),
        new TaskKind("srvrestart", 8, (0, 3), static (dice, _) => dice.Pick(["pve-cluster", "pveproxy", "chrony", "pve-ha-lrm"]), People),
        new TaskKind("zfscreate", 2, (1, 5), Storage, Root),
        new TaskKind("diskinit", 2, (0, 2), static (dice, _) => dice.Pick(["sdb", "sdc", "nvme1n1"]), Root));

    public override TaskKind Long { get; } = new("vzdump", 1, (600, 10_800), static (_, _) => "", Root);

    public override string[] Errors { get; } =
    [
        "job errors", "interrupted by signal", "received interrupt", "migration aborted",
        "command '/usr/bin/qemu-img convert -p -n -f raw -O raw' failed: exit code 1",
        "can't lock file '/var/lock/qemu-server/lock-104.conf' - got timeout",
        "VM 117 qmp command 'backup' failed - got timeout", "start failed: QEMU exited with code 1", "failed (255)",
        "storage 'nas-backup' is not online", "can't activate LV 'pve/vm-105-disk-0': timeout",
    ];

    public override (string Type, string Status) Outage => ("vzdump", "job errors");

    public override string NoStatus => "unexpected status";

    private static string Guest(Dice dice, Place place) => place.Guest(dice);

    private static string Image(Dice dice, Place place) =>
        dice.Pick(["debian-12.7.0-amd64-netinst.iso", "ubuntu-24.04.1-live-server-amd64.iso", "virtio-win-0.1.262.iso"]);

    private static string None(Dice dice, Place place) => "";

    private static string Storage(Dice dice, Place place) => dice.Pick(["local-lvm", "ceph-ssd", "nas.backup", "local"]);
}
