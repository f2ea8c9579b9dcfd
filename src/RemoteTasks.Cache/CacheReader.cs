using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;
using RemoteTasks.Cache.Merge;
using RemoteTasks.Cache.Query;

namespace RemoteTasks.Cache;

/// <summary>
/// The cache as it was when this reader was opened: one immutable snapshot of running tasks, journal and archives. Holds no lock:
/// what is written meanwhile is neither waited for nor seen. One thread at a time.
/// </summary>
public sealed class CacheReader : IDisposable
{
    private readonly CacheContent _content;
    private readonly TaskSnapshot _snapshot;
    private readonly List<Damage> _damage;
    private bool _isDisposed;

    /// <summary>Takes over a use of the content's tasks.</summary>
    internal CacheReader(CacheContent content)
    {
        _content = content;
        _snapshot = content.Tasks;
        _damage = [.. content.Damage];
    }

    /// <summary>
    /// Grows whenever what is in the cache changes; equal in two readers of one <see cref="TaskCache"/> when they answer the same to everything.
    /// </summary>
    public long Version => _content.Version;

    /// <summary>What is remembered of remotes and nodes.</summary>
    public CacheState State => _content.State;

    /// <summary>Damage met so far while reading; hand it to <see cref="CacheWriter.RequestRepair"/>.</summary>
    public IReadOnlyCollection<Damage> Damage => [.. _damage.Distinct()];

    /// <summary>Tasks in the journal that are not in the archives yet.</summary>
    public int JournalRows => _content.Journal.Lines.Count;

    internal CacheContent Content => _content;

    internal TaskSnapshot Snapshot => _snapshot;

    internal ICollection<Damage> DamageFound => _damage;

    internal int ActiveLines => _content.Active.Length;

    /// <summary>A page of the tasks that match.</summary>
    /// <exception cref="ArgumentException">A parameter is out of range, or <see cref="TaskQuery.After"/> is no UPID.</exception>
    public TaskPage List(TaskQuery query)
    {
        TaskListing stream = Stream(query);
        TaskRow[] rows = [.. stream];
        return new TaskPage(rows, stream.Total, stream.Next, Unknown(query));
    }

    /// <summary>The same as <see cref="List"/>, row by row in bounded memory.</summary>
    /// <exception cref="ArgumentException">A parameter is out of range, or <see cref="TaskQuery.After"/> is no UPID.</exception>
    public TaskListing Stream(TaskQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Start < 0)
            throw new ArgumentOutOfRangeException(nameof(query), query.Start, "Start must not be negative.");
        if (query.Limit < 0)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "Limit must not be negative.");
        return new TaskListing(_snapshot, query, query.After is { } after ? Key(after) : null);
    }

    /// <summary>Counts everything that matches; start, limit and continuation do not matter.</summary>
    public TaskStatistics Statistics(TaskQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new StatisticsCounter(new TaskFilter(query)).Count(_snapshot).Result(Unknown(query));
    }

    /// <summary>
    /// Counts everything that matches by start time: from <see cref="TaskQuery.Since"/> to <see cref="TaskQuery.Until"/>, as far as there are any
    /// tasks, in equal parts of a length that people think in (a minute, an hour, a day). Start, limit and continuation do not matter.
    /// </summary>
    /// <param name="query">Which tasks.</param>
    /// <param name="partsMax">How many parts at most, 1 to <see cref="TaskHistogram.PartsMax"/>.</param>
    public TaskHistogram Histogram(TaskQuery query, int partsMax)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(partsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partsMax, TaskHistogram.PartsMax);
        return new HistogramCounter(new TaskFilter(query), partsMax).Count(_snapshot);
    }

    /// <summary>One task by its UPID with kind and remote; null when it is not in the cache.</summary>
    /// <exception cref="ArgumentException">The text is no UPID.</exception>
    public TaskRow? Find(string upid)
    {
        return _snapshot.TryFind(Key(upid), out TaskLine found) ? new TaskRow(found) : null;
    }

    /// <summary>What an answer to the query cannot speak for.</summary>
    public IReadOnlyList<UnknownSpan> Unknown(TaskQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return UnknownSpans.For(query, State, _damage);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
            _snapshot.Release();
        _isDisposed = true;
    }

    /// <summary>
    /// Every line of the snapshot, merged line by line, for whoever counts them: the journal speaks first, the running tasks last. Of two archives the newer
    /// speaks, even for a task that belongs to the other one.
    /// </summary>
    internal LineSource Source() => Merged(_content.Journal.Lines, _content.Active);

    /// <summary>Every line of the archives alone, merged.</summary>
    internal LineSource FinishedInArchives() => Merged(SortedLines.Empty, []);

    private MergedSource Merged(SortedLines journal, TaskLine[] active)
    {
        var sources = new LineSource[_snapshot.Archives.Count + 2];
        sources[0] = new SortedSource(journal);
        for (int i = 0; i < _snapshot.Archives.Count; i++)
        {
            int index = i;
            sources[i + 1] = new LazyArchiveSource(() => _snapshot.Read(index, _damage));
        }

        sources[^1] = new MemorySource(active);
        return new MergedSource(sources);
    }

    private static TaskLine Key(string upid)
    {
        ArgumentNullException.ThrowIfNull(upid);
        if (!RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out string? problem))
            throw new ArgumentException($"'{upid}' is not the UPID of a remote task: {problem}.", nameof(upid));
        return TaskLine.KeyOf(parsed);
    }
}
