using RemoteTasks.FakeFleet.Tests.Support;

namespace RemoteTasks.FakeFleet.Tests;

/// <summary>The fleet as a whole looks like the ones people run: see the shares each test names.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData("pve", 1)]
    [InlineData("pve", 7)]
    [InlineData("pbs", 1)]
    [InlineData("pbs", 7)]
    public async Task Most_tasks_end_well_and_each_other_end_occurs(string type, int seed)
    {
        var tasks = await HistoryAsync(type, seed);
        double Share(Func<string, bool> matches) => tasks.Count(task => matches(task.Status!)) / (double)tasks.Count;
        var ok = Share(static status => status == "OK");
        var warnings = Share(static status => status.StartsWith("WARNINGS: ", StringComparison.Ordinal));
        var unknown = Share(static status => status is "unexpected status" or "unknown");

        Assert.InRange(ok, 0.92, 0.97);
        Assert.InRange(warnings, 0.01, 0.04);
        Assert.InRange(unknown, 0.0005, 0.005);
        Assert.InRange(1 - ok - warnings - unknown, 0.01, 0.04);
    }

    [Fact]
    public async Task Pve_types_have_the_shares_that_are_seen_in_the_field()
    {
        var tasks = await HistoryAsync("pve", 1);
        double Share(params string[] types) => tasks.Count(task => types.Contains(task.Upid.Split(':')[5])) / (double)tasks.Count;

        Assert.InRange(Share("vzdump"), 0.10, 0.35);
        Assert.InRange(Share("qmsnapshot", "qmdelsnapshot"), 0.10, 0.40);
        Assert.InRange(Share("vncproxy", "vncshell", "spiceproxy", "termproxy"), 0.10, 0.20);
        Assert.InRange(Share("qmstart", "qmstop", "qmshutdown", "qmreboot", "vzstart", "vzshutdown"), 0.10, 0.25);
        Assert.InRange(Share("aptupdate"), 0.03, 0.10);
        Assert.InRange(Share("qmigrate", "vzmigrate", "hastart", "hamigrate"), 0.02, 0.08);
    }

    [Fact]
    public async Task Pbs_mostly_receives_backups()
    {
        var tasks = await HistoryAsync("pbs", 1);
        double Share(params string[] types) => tasks.Count(task => types.Contains(task.Upid.Split(':')[6])) / (double)tasks.Count;

        Assert.InRange(Share("backup"), 0.60, 0.70);
        Assert.InRange(Share("reader"), 0.05, 0.15);
        Assert.InRange(Share("verify_snapshot", "verificationjob", "prune", "prunejob", "garbage_collection", "syncjob"), 0.15, 0.28);
        Assert.InRange(Share("logrotate", "aptupdate"), 0.01, 0.03);
    }

    [Fact]
    public async Task Most_tasks_are_short_and_some_take_hours()
    {
        var tasks = await HistoryAsync("pve", 1);
        var seconds = tasks.Select(static task => task.EndTime!.Value - task.StartTime).ToList();

        Assert.InRange(seconds.Count(static time => time <= 5) / (double)seconds.Count, 0.50, 0.80);
        Assert.Contains(seconds, static time => time > 3_600);
        var pbsTasks = await HistoryAsync("pbs", 1);
        Assert.Contains(pbsTasks, static task => task.EndTime - task.StartTime > 5 * 3_600);
    }

    [Fact]
    public async Task Full_hours_and_nights_are_busy_so_that_many_tasks_start_in_the_same_second()
    {
        var tasks = await HistoryAsync("pve", 1);
        var starts = tasks.CountBy(static task => (task.Node, task.StartTime));
        var sameSecond = starts.Where(static start => start.Value > 1).Sum(static start => start.Value);

        Assert.InRange(sameSecond / (double)tasks.Count, 0.05, 0.50);
        Assert.True(tasks.Count(static task => task.StartTime % 3_600 < 60) > tasks.Count / 4);
        Assert.True(tasks.Count(static task => task.StartTime % 86_400 < 4 * 3_600) > tasks.Count / 4);
    }

    [Fact]
    public async Task Failures_come_in_flocks()
    {
        var tasks = await HistoryAsync("pbs", 1);
        var failures = tasks.Where(static task => task.Status!.StartsWith("No space left", StringComparison.Ordinal)).ToList();
        var nights = failures.CountBy(static task => (task.Remote, task.StartTime / 86_400)).ToList();

        Assert.NotEmpty(nights);
        Assert.Contains(nights, static night => night.Value > 5);
        Assert.True(nights.Count < 10 * 7 / 2);
    }

    [Fact]
    public async Task Something_is_running_on_every_remote_from_the_start()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Clock = Fleets.Clock() });
        var running = fleet.Remembered().Where(static task => task.EndTime is null).Select(static task => task.Remote).ToList();

        Assert.All(fleet.Remotes, remote => Assert.Contains(remote.Id, running));
    }

    [Fact]
    public async Task Users_are_people_and_tools_with_tokens()
    {
        var users = (await HistoryAsync("pve", 1)).Select(static task => task.Upid.Split(':')[7]).ToList();

        Assert.InRange(users.Count(static user => user == "root@pam") / (double)users.Count, 0.2, 0.7);
        Assert.InRange(users.Count(static user => user.Contains('!', StringComparison.Ordinal)) / (double)users.Count, 0.1, 0.5);
    }

    [Fact]
    public async Task As_time_passes_tasks_come_at_the_rate_asked_for()
    {
        var clock = Fleets.Clock();
        await using var fleet = await Fleet.StartAsync(Fleets.Empty(clock) with
        {
            PveRemotes = 0, PbsRemotes = 10, TasksPerNodePerHour = 12,
        });
        clock.Advance(TimeSpan.FromDays(2));

        Assert.InRange(fleet.Remembered().Count / (10.0 * 48), 11.5, 12.5);
    }

    /// <summary>The finished tasks of ten hosts, none of them forgotten.</summary>
    private static async Task<List<FakeTask>> HistoryAsync(string type, int seed)
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions
        {
            PveRemotes = type == "pve" ? 10 : 0, NodesPerPve = 1, PbsRemotes = type == "pbs" ? 10 : 0,
            HistoryTasks = 20_000, IndexBytesMax = int.MaxValue, Seed = seed, Clock = Fleets.Clock(),
        });
        return [.. fleet.Remembered().Where(static task => task.EndTime is not null)];
    }
}
