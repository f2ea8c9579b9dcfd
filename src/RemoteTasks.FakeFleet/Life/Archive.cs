namespace RemoteTasks.FakeFleet.Life;

/// <summary>The finished tasks a host still remembers, in the order their ends were noticed.</summary>
internal abstract class Archive
{
    /// <param name="task">A task that has just ended.</param>
    /// <param name="lineBytes">Size of its line in the host's file.</param>
    public abstract void Append(SimTask task, int lineBytes);

    public abstract IEnumerable<SimTask> NewestFirst();

    /// <summary>Ends of the oldest tasks left, one for each time that tasks were forgotten.</summary>
    public List<long> Beginnings { get; } = [];

    /// <summary>Forgets everything, as a host does that was set up anew.</summary>
    public abstract void Clear();

    protected static IEnumerable<SimTask> Backwards(List<SimTask> tasks)
    {
        for (var at = tasks.Count - 1; at >= 0; at--) yield return tasks[at];
    }
}

/// <summary>Two files: a full one replaces the older, whose tasks are lost. So PVE keeps by size, not by age.</summary>
internal sealed class PveArchive(int indexBytesMax) : Archive
{
    private List<SimTask> index = [];
    private List<SimTask> older = [];
    private long indexBytes;

    public override void Append(SimTask task, int lineBytes)
    {
        // The line of a status that begins with a blank is written, but PVE's own reader does not recognise it again.
        if (!task.Status.StartsWith(' ')) index.Add(task);
        indexBytes += lineBytes;
        if (indexBytes <= indexBytesMax) return;
        if (older.Count > 0 && index.Count > 0) Beginnings.Add(index[0].End);
        older = index;
        index = [];
        indexBytes = 0;
    }

    public override IEnumerable<SimTask> NewestFirst() => Backwards(index).Concat(Backwards(older));

    public override void Clear() => (index, older, indexBytes) = ([], [], 0);
}

/// <summary>Twenty full files of some five thousand lines and the one being written.</summary>
internal sealed class PbsArchive : Archive
{
    internal const int FileTasks = 5_000;
    internal const int TasksKept = 20 * FileTasks;

    private readonly List<SimTask> tasks = [];

    public override void Append(SimTask task, int lineBytes)
    {
        tasks.Add(task);
        if (tasks.Count >= TasksKept + FileTasks) tasks.RemoveRange(0, FileTasks);
    }

    public override IEnumerable<SimTask> NewestFirst() => Backwards(tasks);

    public override void Clear() => tasks.Clear();
}
