using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>All pages of one list of a node, each UPID once.</summary>
internal sealed class NodeListing
{
    // No node has so much: PBS keeps some 100,000 tasks. A remote that never ends its list ends here.
    private const int RowsMax = 250_000;

    // A remote that gives fewer rows than it is asked for may need many pages, but not so many.
    private const int PagesMax = 500;

    private const int OverlapRows = 50;
    private const int SmallPage = 500;

    private readonly Dictionary<string, RemoteTask> _tasks = new(StringComparer.Ordinal);
    private readonly List<string> _rejected = [];

    internal IReadOnlyCollection<RemoteTask> Tasks => _tasks.Values;

    internal IEnumerable<RemoteTask> Finished => _tasks.Values.Where(task => task.EndTime is not null);

    /// <summary>Why the first rows were left out, a reason each.</summary>
    internal IReadOnlyList<string> Rejected => _rejected;

    /// <summary>Rows that were not understood: any task may be among them.</summary>
    internal int RejectedCount { get; private set; }

    /// <summary>Rows that came, also those that came twice.</summary>
    internal int Rows { get; private set; }

    /// <summary>The remote's clock at the first page; null: it did not say.</summary>
    internal RemoteClock? Clock { get; set; }

    /// <summary>Why nobody knows what is missing of it; null: it is whole.</summary>
    internal string? Problem { get; private set; }

    internal bool IsComplete => Problem is null;

    internal bool Contains(string upid) => _tasks.ContainsKey(upid);

    /// <summary>
    /// Fetches page by page until one is not full and the remote does not say that there are more. The list moves while it is read, so pages overlap by a few
    /// rows; where a page is too large to be taken, smaller ones are asked for.
    /// </summary>
    /// <param name="fetch">Fetches a page, by where it begins and how many rows it has.</param>
    /// <param name="pageRows">Rows of a page.</param>
    internal static async Task<NodeListing> FetchAsync(Func<int, int, Task<TaskListAnswer>> fetch, int pageRows)
    {
        var listing = new NodeListing();
        int start = 0;
        for (int pages = 0; pages < PagesMax && listing.Rows < RowsMax; pages++)
        {
            TaskListAnswer answer;
            try
            {
                answer = await fetch(start, pageRows);
            }
            catch (ProxmoxException error) when (error.Kind == ProxmoxErrorKind.AnswerTooLarge && pageRows > SmallPage)
            {
                pageRows = SmallPage;
                continue;
            }

            bool isNews = listing.Add(answer);

            // More rows than were asked for: it ignores `limit`, and this is all there is.
            bool isLast = answer.RowCount < pageRows && !(answer.Total > start + answer.RowCount);
            if (isLast || answer.RowCount == 0 || answer.RowCount > pageRows || (!isNews && listing._tasks.Count + listing.RejectedCount >= answer.Total))
                return listing.Judge();
            if (!isNews)
            {
                listing.Problem = "It ignores where a page should begin, so that what does not fit into one page is not known.";
                return listing;
            }

            start += Math.Max(1, answer.RowCount - Math.Min(OverlapRows, answer.RowCount / 2));
        }

        listing.Problem = $"Its list does not end: reading stopped after {listing.Rows} rows.";
        return listing;
    }

    /// <summary>Where no row at all is understood, it is no list with bad rows, but no list.</summary>
    private NodeListing Judge()
    {
        if (_tasks.Count == 0 && RejectedCount > 0)
            Problem = $"None of its {Rows} rows can be understood, the first because {Rejected[0]}.";
        return this;
    }

    private bool Add(TaskListAnswer answer)
    {
        int before = _tasks.Count;
        Rows += answer.RowCount;
        RejectedCount += answer.RejectedCount;
        if (_rejected.Count == 0)
            _rejected.AddRange(answer.Rejected);
        foreach (RemoteTask task in answer.Tasks)
        {
            // A task may run on one page and have ended on the next.
            if (!_tasks.TryGetValue(task.Upid, out RemoteTask? known) || known.EndTime is null)
                _tasks[task.Upid] = task;
        }

        return _tasks.Count > before;
    }
}
