using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Tests.Polling;

public sealed class PollScheduleTests
{
    private enum Work
    {
        Fetch,
        Running,
    }

    private static readonly PollSchedule<Work> Start = PollSchedule<Work>.Of((Work.Fetch, Seconds(60)), (Work.Running, Seconds(10)));

    [Fact]
    public void Everything_is_due_at_once_in_the_order_of_its_kind()
    {
        (IReadOnlyList<Work> due, PollSchedule<Work> after) = Start.Take(Seconds(0));
        Assert.Equal([Work.Fetch, Work.Running], due);
        Assert.Equal(Seconds(10), after.Next);
        Assert.Empty(after.Take(Seconds(9.9)).Due);
        Assert.Equal([Work.Running], after.Take(Seconds(10)).Due);
    }

    [Fact]
    public void What_was_missed_is_done_once_and_counted_from_then()
    {
        (_, PollSchedule<Work> after) = Start.Take(Seconds(0));
        (IReadOnlyList<Work> due, after) = after.Take(Seconds(1000));
        Assert.Equal([Work.Fetch, Work.Running], due);
        Assert.Equal(Seconds(1010), after.Next);
    }

    [Fact]
    public void Taking_work_changes_nothing_but_what_it_returns()
    {
        Start.Take(Seconds(0));
        Assert.Equal(2, Start.Take(Seconds(0)).Due.Count);
    }

    [Fact]
    public void A_day_on_a_fake_clock_fetches_every_minute_and_looks_at_running_tasks_in_between()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        long began = clock.GetTimestamp();
        PollSchedule<Work> schedule = Start;
        var counts = new Dictionary<Work, int> { [Work.Fetch] = 0, [Work.Running] = 0 };
        while (clock.GetElapsedTime(began) < TimeSpan.FromDays(1))
        {
            (IReadOnlyList<Work> due, schedule) = schedule.Take(clock.GetElapsedTime(began));
            foreach (Work work in due)
                counts[work]++;
            clock.Advance(schedule.Next - clock.GetElapsedTime(began));
        }

        Assert.Equal(24 * 60, counts[Work.Fetch]);
        Assert.Equal(24 * 360, counts[Work.Running]);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_neither_stops_nor_hurries_it()
    {
        var clock = new JumpingClock();
        long began = clock.GetTimestamp();
        (_, PollSchedule<Work> after) = Start.Take(clock.GetElapsedTime(began));
        clock.Wall = clock.Wall.AddYears(10);
        Assert.Empty(after.Take(clock.GetElapsedTime(began)).Due);
        clock.Wall = clock.Wall.AddYears(-20);
        clock.Elapsed = Seconds(10);
        Assert.Equal([Work.Running], after.Take(clock.GetElapsedTime(began)).Due);
    }

    /// <summary>A wall clock that is set by hand, and a monotonic one that is not moved by that.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        internal DateTimeOffset Wall { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

        internal TimeSpan Elapsed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Elapsed.Ticks;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
