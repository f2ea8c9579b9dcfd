namespace RemoteTasks.FakeFleet.Life;

/// <summary>What a PBS host does all day: above all backups, and the long jobs that look after them.</summary>
internal sealed class PbsMix : Mix
{
    private static readonly string[] Root = ["root@pam"];
    private static readonly string[] Clients = ["backup@pbs", "backup@pbs!pve-01", "backup@pbs!pve-02", "offsite@pbs!pull"];

    // Static fields are set in this order, and the tables below need those above.
    public static readonly PbsMix Instance = new();

    public override Deck Scheduled { get; } = new(
        new TaskKind("backup", 760, (2, 1_800), Group, Clients),
        new TaskKind("prunejob", 70, (0, 20), static (dice, place) => Store(dice, place) + dice.Pick(["", ":Prod"]), Root),
        new TaskKind("prune", 70, (0, 5), static (dice, place) => Store(dice, place) + "::vm/" + place.Guest(dice), Clients),
        new TaskKind("verificationjob", 15, (600, 43_200), VerifyJob, Root),
        new TaskKind("garbage_collection", 15, (600, 28_800), Store, Root),
        new TaskKind("syncjob", 25, (60, 86_400), SyncJob, Root),
        new TaskKind("aptupdate", 20, (2, 20), None, Root),
        new TaskKind("logrotate", 15, (0, 2), None, Root));

    public override Deck Casual { get; } = new(
        new TaskKind("backup", 600, (2, 1_800), Group, Clients),
        new TaskKind("reader", 200, (0, 600), Group, Clients),
        new TaskKind("verify_snapshot", 60, (2, 900), Snapshot, Root),
        new TaskKind("prune", 110, (0, 5), static (dice, place) => Store(dice, place) + "::vm/" + place.Guest(dice), Clients),
        new TaskKind("termproxy", 15, (5, 1_800), None, Root),
        new TaskKind("syncjob", 15, (60, 86_400), static (dice, place) => "-::" + Store(dice, place) + ":Prod:s-local", Root));

    public override TaskKind Long { get; } = new("syncjob", 1, (3_600, 86_400), static (_, _) => "offsite:tank:main::s-5e2a", Root);

    public override string[] Errors { get; } =
    [
        "backup ended but finished flag is not set.", "connection error: Transport endpoint is not connected (os error 107)",
        "connection error: connection reset", "aborted", "verification failed - please check the log for details",
        "unable to acquire lock on snapshot directory \"/mnt/datastore/main/vm/105\" - internal error", "sync failed with some errors.",
    ];

    public override (string Type, string Status) Outage => ("backup", "No space left on device (os error 28)");

    public override string NoStatus => "unknown";

    private static string None(Dice dice, Place place) => "";

    private static string Store(Dice dice, Place place) => dice.Pick(["main", "main", "Backup-Vms", "nvme.fast"]);

    private static string VerifyJob(Dice dice, Place place) => Store(dice, place) + ":v-" + dice.Pick(["3c1f07", "a90b12", "77de45"]);

    private static string SyncJob(Dice dice, Place place) =>
        "offsite:tank:" + Store(dice, place) + "::s-" + dice.Pick(["5e2a", "b7c0", "19f4"]);

    private static string Snapshot(Dice dice, Place place) =>
        Group(dice, place) + "/6" + dice.Between(0x700_0000, 0x9FF_FFFF).ToString("X");

    private static string Group(Dice dice, Place place) =>
        Store(dice, place) + dice.Pick([":", ":", ":Prod:"]) + dice.Pick(["vm/", "vm/", "ct/"]) + place.Guest(dice);
}
