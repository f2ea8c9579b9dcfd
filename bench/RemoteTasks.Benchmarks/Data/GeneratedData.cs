namespace RemoteTasks.Benchmarks.Data;

/// <summary>
/// A fleet of 100 clusters of 10 nodes and five Backup Servers. In the order of a first fill (<c>byTime</c> false) each host tells all
/// its history at once; in the order of daily life all hosts tell the newest.
/// </summary>
internal sealed class GeneratedData : ITaskData
{
    internal const int DaysOfSevenFiles = 7;

    /// <summary>2026-08-14 22:00 UTC: the newest day is under way.</summary>
    private const long Until = 1_786_744_800;

    private const long Day = 86_400;
    private const ulong Seed = 20_260_814;

    private readonly long _tasks;
    private readonly bool _byTime;
    private readonly TaskMaker _maker;

    internal GeneratedData(long tasks, bool byTime, int days)
    {
        _tasks = tasks;
        _byTime = byTime;
        End = Until;
        long begin = Until - (Until % Day) - ((days - 1) * Day);
        int slots = (int)((tasks + Host.Count - 1) / Host.Count);
        _maker = new TaskMaker(Seed, begin, (Until - begin) / (double)Math.Max(1, slots), Until);
        Description = $"{tasks:N0} generated tasks of {Host.Count} hosts over {days} days";
    }

    public string Description { get; }

    /// <summary>All tasks began before it; those that had not ended by then are running.</summary>
    internal long End { get; }

    public IEnumerable<TaskInput> Read() => _byTime ? ByTime() : ByHost();

    private IEnumerable<TaskInput> ByHost()
    {
        for (int host = 0; host < Host.Count; host++)
        {
            long slots = (_tasks / Host.Count) + (host < _tasks % Host.Count ? 1 : 0);
            for (int slot = 0; slot < slots; slot++)
                yield return _maker.Make(new Host(host), slot);
        }
    }

    private IEnumerable<TaskInput> ByTime()
    {
        for (long i = 0; i < _tasks; i++)
            yield return _maker.Make(new Host((int)(i % Host.Count)), (int)(i / Host.Count));
    }
}
