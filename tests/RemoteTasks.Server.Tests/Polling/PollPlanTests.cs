using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>When a remote or a node is asked next: back-off with a cap, jitter, and never longer than a node's history holds.</summary>
public sealed class PollPlanTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Cap = TimeSpan.FromMinutes(5);

    [Fact]
    public void Polls_are_spread_by_a_tenth_to_either_side_so_that_no_herd_comes()
    {
        Assert.Equal(Minute * 0.9, PollPlan.Next(Minute, tasksPerHour: 0, chance: 0));
        Assert.Equal(Minute, PollPlan.Next(Minute, tasksPerHour: 0, chance: 0.5));
        Assert.Equal(Minute * 1.1, PollPlan.Next(Minute, tasksPerHour: 0, chance: 1));
    }

    [Fact]
    public void What_fails_is_tried_after_twice_the_time_up_to_a_limit()
    {
        double[] minutes = [.. Enumerable.Range(1, 6).Select(failures => PollPlan.Retry(Minute, Cap, failures, tasksPerHour: 0, chance: 0.5).TotalMinutes)];
        Assert.Equal([1, 2, 4, 5, 5, 5], minutes);
        Assert.Equal(Cap, PollPlan.Retry(Minute, Cap, int.MaxValue, tasksPerHour: 0, chance: 0.5));
        Assert.NotEqual(PollPlan.Retry(Minute, Cap, 3, 0, chance: 0.1), PollPlan.Retry(Minute, Cap, 3, 0, chance: 0.9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void A_busy_node_is_never_left_for_longer_than_a_quarter_of_what_it_remembers_takes(double tasksPerHour)
    {
        foreach (TimeSpan every in (TimeSpan[])[Minute, TimeSpan.FromHours(1), TimeSpan.FromDays(1)])
        {
            TimeSpan longest = PollPlan.Next(every, tasksPerHour, chance: 1);
            Assert.True(longest <= every * 1.1);
            Assert.True(longest.TotalHours * tasksPerHour <= 620 / 4.0 * 1.11, $"{longest} at {tasksPerHour} tasks an hour");
            Assert.True(PollPlan.Quiet(every, tasksPerHour).TotalHours * tasksPerHour <= 620 / 4.0 * 1.11);
        }
    }

    [Fact]
    public void A_busy_node_that_fails_is_tried_again_before_it_forgets()
    {
        TimeSpan pause = PollPlan.Retry(Minute, TimeSpan.FromHours(1), failures: 10, tasksPerHour: 1_000, chance: 1);
        Assert.InRange(pause, Minute, TimeSpan.FromMinutes(11));
    }
}
