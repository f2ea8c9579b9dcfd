namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// Says which tasks begin on a node in an hour. A pure function of seed, node and hour, so that it does not matter in which steps
/// time passes. Nearly half of an hour's tasks come from schedules and begin in its first seconds, many of them in the same one.
/// </summary>
internal sealed class TaskPlanner(Mix mix, Place place, int seed)
{
    private const double WarningShare = 0.024;
    private const double ErrorShare = 0.013;
    private const double NoStatusShare = 0.002;
    private const double ScheduledShare = 0.45;
    private const double OutageDayShare = 0.12;

    /// <summary>How busy an hour of the day is; the average of a day is 1.</summary>
    public static double Busyness(long hour) => (hour % 24) switch
    {
        <= 3 => 2.2,
        >= 7 and <= 18 => 0.9,
        _ => 0.55,
    };

    /// <summary>Tasks that begin in [from, to) within the hour, ordered by start.</summary>
    public List<SimTask> Hour(long hour, double expected, long from, long to)
    {
        var dice = new Dice(seed, place.Remote, place.Node, hour);
        var count = (long)expected + (dice.Happens(expected - Math.Floor(expected)) ? 1 : 0);
        var tasks = new List<SimTask>((int)count);
        for (var number = 0; number < count; number++) tasks.Add(Task(dice, hour, from, to));
        tasks.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        return tasks;
    }

    /// <summary>A quick task that has ended by <paramref name="to"/>.</summary>
    public SimTask Brief(Dice dice, long from, long to)
    {
        var start = dice.Between(from, to);
        var kind = mix.Casual.Draw(dice);
        var end = Math.Min(to, start + dice.Between(0, 4));
        return new SimTask(kind.Type, kind.Id(dice, place), dice.Pick<string>(kind.Users), start, end, "OK");
    }

    /// <summary>A long task that is running at <paramref name="now"/>.</summary>
    public SimTask Underway(Dice dice, long from, long now)
    {
        var start = Math.Max(from, now - dice.Between(60, 3_600));
        var end = now + dice.Between(120, 7_200);
        var kind = mix.Long;
        return new SimTask(kind.Type, kind.Id(dice, place), dice.Pick<string>(kind.Users), start, end, Status(dice, kind.Type, start));
    }

    private SimTask Task(Dice dice, long hour, long from, long to)
    {
        var scheduled = dice.Happens(ScheduledShare);
        var start = hour * 3600 + (scheduled ? dice.Spread(0, 20) : dice.Between(0, 3600));
        if (start < from || start >= to) start = dice.Between(from, to);
        var kind = (scheduled ? mix.Scheduled : mix.Casual).Draw(dice);
        var id = kind.Id(dice, place);
        var user = dice.Pick<string>(kind.Users);
        var end = start + dice.Spread(kind.Seconds.Min, kind.Seconds.Max);
        return new SimTask(kind.Type, id, user, start, end, Status(dice, kind.Type, start));
    }

    private string Status(Dice dice, string type, long start)
    {
        if (type == mix.Outage.Type && IsOutage(start) && dice.Happens(0.7)) return mix.Outage.Status;
        var lot = dice.Fraction();
        if (lot < WarningShare) return "WARNINGS: " + dice.Spread(1, 12);
        if (lot < WarningShare + ErrorShare) return dice.Pick<string>(mix.Errors);
        return lot < WarningShare + ErrorShare + NoStatusShare ? mix.NoStatus : "OK";
    }

    /// <summary>Failures come in flocks: in some nights the storage of a whole remote is away for hours.</summary>
    private bool IsOutage(long start)
    {
        var night = new Dice(seed, place.Remote, start / 86_400);
        if (!night.Happens(OutageDayShare)) return false;
        var begin = start / 86_400 * 86_400 + night.Between(0, 2 * 3600);
        return start >= begin && start < begin + night.Between(3600, 3 * 3600);
    }
}
