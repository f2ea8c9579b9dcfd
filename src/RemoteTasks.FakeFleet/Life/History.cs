namespace RemoteTasks.FakeFleet.Life;

/// <summary>The past of a node: an exact number of finished tasks in [from, now], and what was begun and is still running.</summary>
internal static class History
{
    public static List<SimTask> Plan(TaskPlanner planner, Dice dice, int finishedCount, long from, long now, bool underway)
    {
        if (finishedCount == 0) return [];
        var tasks = new List<SimTask>(finishedCount + 16);
        var hours = Hours(from, now).ToList();
        var weightSum = hours.Sum(static hour => hour.Weight);
        var weight = 0.0;
        foreach (var hour in hours)
        {
            // Counts are differences of a rounded running sum, so that they add up to exactly what was asked for.
            var before = Math.Floor(finishedCount * (weight / weightSum));
            weight += hour.Weight;
            var after = hour.To == now ? finishedCount : Math.Floor(finishedCount * (weight / weightSum));
            tasks.AddRange(planner.Hour(hour.Hour, after - before, hour.From, hour.To));
        }

        var missing = tasks.Count(task => task.End > now);
        for (var number = 0; number < missing; number++) tasks.Add(planner.Brief(dice, from, now));
        if (underway) tasks.Add(planner.Underway(dice, from, now));
        tasks.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        return tasks;
    }

    private static IEnumerable<(long Hour, long From, long To, double Weight)> Hours(long from, long now)
    {
        for (var hour = from / 3600; hour * 3600 < now; hour++)
        {
            var begin = Math.Max(from, hour * 3600);
            var end = Math.Min(now, (hour + 1) * 3600);
            yield return (hour, begin, end, TaskPlanner.Busyness(hour) * (end - begin));
        }
    }
}
