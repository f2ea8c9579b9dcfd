namespace RemoteTasks.Server.Ui.Overview;

/// <summary>What tasks are about. Each worker type, known or not, is of exactly one kind.</summary>
/// <param name="Title">For people.</param>
/// <param name="Filter">A part of the names of all its types, as <c>typefilter</c> takes it; others may have it, too. Null: they have none.</param>
public sealed record TaskKind(string Title, string? Filter)
{
    private static readonly TaskKind Migrations = new("Guest migrations", "migrate");
    private static readonly TaskKind Machines = new("Virtual machines", "qm");
    private static readonly TaskKind Containers = new("Containers", "vz");
    private static readonly TaskKind GuestBackups = new("Guest backups (vzdump)", "vzdump");
    private static readonly TaskKind ServerBackups = new("PBS: backups", "backup");
    private static readonly TaskKind Verification = new("PBS: verification", "verif");
    private static readonly TaskKind Pruning = new("PBS: prune, garbage", Filter: null);
    private static readonly TaskKind Sync = new("PBS: sync", "sync");
    private static readonly TaskKind HighAvailability = new("High availability", "ha");
    private static readonly TaskKind Ceph = new("Ceph", "ceph");
    private static readonly TaskKind Others = new("Others", Filter: null);

    /// <summary>All of them, in the order of a table in which nothing failed.</summary>
    public static IReadOnlyList<TaskKind> All { get; } =
        [Migrations, Machines, Containers, GuestBackups, ServerBackups, Verification, Pruning, Sync, HighAvailability, Ceph, Others];

    /// <summary>The kind of a worker type.</summary>
    public static TaskKind Of(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type switch
        {
            "qmigrate" or "vzmigrate" or "migrateall" or "bulkmigrate" => Migrations,
            "vzdump" => GuestBackups,
            "backup" or "tape-backup" or "tape-backup-job" => ServerBackups,
            "verificationjob" or "verify" or "verify_group" or "verify_snapshot" => Verification,
            "prune" or "prunejob" or "garbage_collection" => Pruning,
            "sync" or "syncjob" or "mount-sync-jobs" => Sync,
            "hamigrate" or "hashutdown" or "hastart" or "hastop" => HighAvailability,
            "move_ct" => Containers,
            _ when type.StartsWith("qm", StringComparison.Ordinal) => Machines,
            _ when type.StartsWith("vz", StringComparison.Ordinal) => Containers,
            _ when type.StartsWith("ceph", StringComparison.Ordinal) => Ceph,
            _ => Others,
        };
    }
}
