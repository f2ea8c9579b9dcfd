using Microsoft.Extensions.Time.Testing;

namespace RemoteTasks.FakeFleet.Tests.Support;

internal static class Fleets
{
    /// <summary>A Tuesday afternoon, not on a full hour.</summary>
    public static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 3, 10, 14, 23, 45, TimeSpan.Zero));

    /// <summary>One cluster and one PBS host without any task but those the test starts.</summary>
    public static Task<Fleet> EmptyAsync(TimeProvider clock) => Fleet.StartAsync(Empty(clock));

    public static FleetOptions Empty(TimeProvider clock) => new()
    {
        PveRemotes = 1, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 0, TasksPerNodePerHour = 0, Clock = clock,
    };

    public static FleetOptions Busy(TimeProvider clock) => new()
    {
        PveRemotes = 2, NodesPerPve = 2, PbsRemotes = 1, HistoryTasks = 5_000, TasksPerNodePerHour = 60, Clock = clock,
    };

    public static FakeRemote Pve(this Fleet fleet) => fleet.Remotes.First(static remote => remote.Type == "pve");

    public static FakeRemote Pbs(this Fleet fleet) => fleet.Remotes.First(static remote => remote.Type == "pbs");

    public static FakeTask Start(
        this Fleet fleet, string type = "qmstart", string id = "101", string user = "root@pam",
        int? seconds = null, string status = "OK") =>
        fleet.StartTask("pve-01", "pve-01-n1", type, id, user, Duration(seconds), status);

    public static FakeTask StartPbs(
        this Fleet fleet, string type = "backup", string id = "main:vm/101", string user = "root@pam",
        int? seconds = null, string status = "OK") =>
        fleet.StartTask("pbs-01", "localhost", type, id, user, Duration(seconds), status);

    public static void Advance(this FakeTimeProvider clock, int seconds) => clock.Advance(TimeSpan.FromSeconds(seconds));

    private static TimeSpan? Duration(int? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
