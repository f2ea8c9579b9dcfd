namespace RemoteTasks.Server.Polling;

/// <summary>When a node or a remote is asked next. Pure: numbers in, times out.</summary>
internal static class PollPlan
{
    // A node of a cluster forgets the older of two files, some 620 tasks, when the younger is full: so many may pass at most, with room to spare.
    private const double TasksBetweenPollsMax = 155;

    private const double Jitter = 0.1;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    /// <summary>After how long a remote is asked again: earlier where a node is so busy that it would forget, and never all remotes at the same moment.</summary>
    /// <param name="every">As configured.</param>
    /// <param name="tasksPerHour">Of its busiest node.</param>
    /// <param name="chance">From 0 to 1.</param>
    internal static TimeSpan Next(TimeSpan every, double tasksPerHour, double chance) => Jittered(Min(every, Holds(tasksPerHour, every)), chance);

    /// <summary>After how long what failed is tried again: twice as long each time, up to a limit, and not longer than its history holds.</summary>
    /// <param name="every">The time between two polls when all is well.</param>
    /// <param name="max">The longest wait.</param>
    /// <param name="failures">In a row, 1 or more.</param>
    /// <param name="tasksPerHour">Of its busiest node, while it still answered.</param>
    /// <param name="chance">From 0 to 1.</param>
    internal static TimeSpan Retry(TimeSpan every, TimeSpan max, int failures, double tasksPerHour, double chance)
    {
        TimeSpan doubled = failures > 20 ? max : TimeSpan.FromTicks(Math.Min(max.Ticks, every.Ticks << Math.Min(failures - 1, 16)));
        return Jittered(Min(Max(doubled, every), Max(Holds(tasksPerHour, max), every)), chance);
    }

    /// <summary>How long a node that changes nothing is left without a look at its list.</summary>
    internal static TimeSpan Quiet(TimeSpan quiet, double tasksPerHour) => Min(quiet, Holds(tasksPerHour, quiet));

    private static TimeSpan Holds(double tasksPerHour, TimeSpan longest) =>
        tasksPerHour * longest.TotalHours <= TasksBetweenPollsMax ? longest : Max(Shortest, TimeSpan.FromHours(TasksBetweenPollsMax / tasksPerHour));

    private static TimeSpan Jittered(TimeSpan span, double chance) => span * (1 - Jitter + (2 * Jitter * chance));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
