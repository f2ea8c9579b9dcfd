using System.Text;

namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// One host and its tasks. Nothing happens by itself: every look first lives through the time since the last one, start by start and
/// end by end, so that the state depends on the clock alone. All members may be called from any thread.
/// </summary>
internal sealed class NodeLife
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<SimTask, (long End, long NegativeStart, long Order)> ends = new();
    private readonly List<SimTask> running = [];
    private readonly Archive archive;
    private readonly List<SimTask>? everything;
    private readonly TaskPlanner planner;
    private readonly Numbering numbering;
    private readonly double tasksPerHour;
    private readonly long begin;
    private readonly Queue<SimTask> upcoming;
    private long plannedHour;
    private long now;
    private long order;
    private long skew;
    private bool quiet;

    public NodeLife(FleetOptions options, bool pbs, Place place, string name, string host, int finishedCount, long begin)
    {
        IsPbs = pbs;
        Name = name;
        Host = host;
        this.begin = begin;
        tasksPerHour = options.TasksPerNodePerHour;
        everything = options.KeepsEverything ? [] : null;
        archive = pbs ? new PbsArchive() : new PveArchive(options.IndexBytesMax);
        planner = new TaskPlanner(pbs ? PbsMix.Instance : PveMix.Instance, place, options.Seed);
        var dice = new Dice(options.Seed, place.Remote, place.Node, begin);
        var from = begin - (long)options.HistorySpan.TotalSeconds;
        numbering = new Numbering(dice, pbs, from, longUptime: place.Node % 3 == 1);
        upcoming = new Queue<SimTask>(
            History.Plan(planner, dice, finishedCount, from, begin, underway: place.Node == 0 || dice.Happens(0.4)));
        plannedHour = begin / 3600 - 1;
        now = from - 1;
        Advance(begin);
        upcoming.TrimExcess();
    }

    public bool IsPbs { get; }

    /// <summary>The node's name in paths and rows; <c>localhost</c> on PBS.</summary>
    public string Name { get; private set; }

    /// <summary>The node's name inside the UPIDs of tasks that begin now.</summary>
    public string Host { get; private set; }

    /// <summary>Seconds by which its clock is ahead of the fleet's.</summary>
    public long Skew
    {
        get
        {
            lock (gate) return skew;
        }
    }

    /// <summary>An offline node lives on, but nobody reaches it.</summary>
    public bool Online { get; set; } = true;

    /// <summary>Whether its cluster names it among its nodes.</summary>
    public bool Named { get; set; } = true;

    public string Upid(SimTask task) => IsPbs ? UpidText.Pbs(task.Host ?? Host, task) : UpidText.Pve(task.Host ?? Host, task);

    /// <summary>Reads the running tasks (newest start first) and the archive (newest end first) at one moment.</summary>
    public T Read<T>(long time, Func<IEnumerable<SimTask>, IEnumerable<SimTask>, T> read)
    {
        lock (gate)
        {
            Advance(time);
            var active = running.OrderByDescending(static task => task.Start).ThenByDescending(static task => task.Pid);
            return read(active, archive.NewestFirst());
        }
    }

    /// <summary>All tasks that ever began here, in the order in which they did.</summary>
    public IReadOnlyList<SeenTask> Everything(long time)
    {
        lock (gate)
        {
            Advance(time);
            return [.. (everything ?? []).Select(static task => new SeenTask(task, !task.Finished))];
        }
    }

    /// <summary>Where its memory began, each time that it had forgotten: the end of the oldest task left.</summary>
    public IReadOnlyList<long> Beginnings(long time)
    {
        lock (gate)
        {
            Advance(time);
            return [.. archive.Beginnings];
        }
    }

    /// <summary>The task with that UPID, unless the host has forgotten it or never had it.</summary>
    public SeenTask? Find(long time, string upid) => Read<SeenTask?>(time, (active, archived) =>
    {
        foreach (var task in active)
            if (Has(task, upid)) return new SeenTask(task, Running: true);
        // Building a UPID costs far more than comparing a number that it must contain.
        var start = Convert.ToInt64(upid.Split(':')[IsPbs ? 5 : 4], 16);
        foreach (var task in archived)
            if (task.Start == start && Has(task, upid)) return new SeenTask(task, Running: false);
        return null;
    });

    public void SetQuiet(long time, bool value)
    {
        lock (gate)
        {
            Advance(time);
            quiet = value;
        }
    }

    /// <summary>Sets the host's clock; what runs goes on.</summary>
    public void SetSkew(long time, long seconds)
    {
        lock (gate)
        {
            Advance(time);
            skew = seconds;
        }
    }

    /// <summary>Gives the host another name. What it remembers keeps the old one.</summary>
    public void Rename(long time, string name)
    {
        lock (gate)
        {
            Advance(time);
            foreach (var task in archive.NewestFirst().Concat(running)) task.Host ??= Host;
            Host = name;
            if (!IsPbs) Name = name;
        }
    }

    /// <summary>Forgets all finished tasks.</summary>
    public void Forget(long time)
    {
        lock (gate)
        {
            Advance(time);
            archive.Clear();
        }
    }

    public SeenTask StartByHand(long time, string type, string id, string user, long? seconds, string status)
    {
        lock (gate)
        {
            Advance(time);
            var task = new SimTask(type, id, user, now, seconds is null ? SimTask.NoEnd : now + seconds.Value, OneLine(status));
            numbering.NumberByHand(task);
            if (!UpidText.IsWellFormed(Upid(task), IsPbs))
                throw new ArgumentException("No UPID can hold this: " + Upid(task), nameof(type));
            Begin(task);
            Advance(now);
            return new SeenTask(task, !task.Finished);
        }
    }

    /// <summary>Ends a running task now; false when there is none of that UPID.</summary>
    public bool End(long time, string upid, string status)
    {
        lock (gate)
        {
            Advance(time);
            var task = running.Find(task => Has(task, upid));
            if (task is null) return false;
            task.Status = OneLine(status);
            Finish(task, now + skew);
            return true;
        }
    }

    private void Advance(long time)
    {
        // A clock that was set back finds a host that stands still until the clock has caught up.
        if (time < now) return;
        PlanUntil(time);
        while (true)
        {
            var nextStart = upcoming.TryPeek(out var next) ? next.Start : long.MaxValue;
            var nextEnd = ends.TryPeek(out var ending, out var due) ? due.End : long.MaxValue;
            if (Math.Min(nextStart, nextEnd) > time) break;
            if (nextStart <= nextEnd) Begin(upcoming.Dequeue());
            else if (!ends.Dequeue().Finished) Finish(ending!, due.End + skew);
        }

        now = time;
    }

    private void PlanUntil(long time)
    {
        if (time <= begin) return;
        for (; plannedHour < time / 3600; plannedHour++)
        {
            var hour = plannedHour + 1;
            var (from, to) = (Math.Max(begin + 1, hour * 3600), (hour + 1) * 3600);
            if (from >= to) continue;
            var expected = tasksPerHour * TaskPlanner.Busyness(hour) * (to - from) / 3600;
            foreach (var task in planner.Hour(hour, expected, from, to)) upcoming.Enqueue(task);
        }
    }

    private void Begin(SimTask task)
    {
        // Numbers are used up even when nothing starts: a quiet hour must not change the UPIDs after it.
        if (task.Pid == 0) numbering.Number(task);
        if (quiet && task.Start > now) return;
        running.Add(task);
        everything?.Add(task);
        if (task.End != SimTask.NoEnd) ends.Enqueue(task, (task.End, -task.Start, order++));
        task.Start += skew;
    }

    private void Finish(SimTask task, long end)
    {
        (task.End, task.Finished) = (end, true);
        running.Remove(task);
        const int endAndBlanks = 1 + 8 + 1 + 1;
        archive.Append(task, Upid(task).Length + endAndBlanks + Encoding.UTF8.GetByteCount(task.Status));
    }

    private bool Has(SimTask task, string upid) => Upid(task).Equals(upid, StringComparison.OrdinalIgnoreCase);

    private static string OneLine(string status) => status.ReplaceLineEndings(" ");
}
