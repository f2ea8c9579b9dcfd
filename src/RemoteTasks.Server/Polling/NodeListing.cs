using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>All pages of one list of a node, each UPID once.</summary>
internal sealed class NodeListing
{
    // No node has so much: PBS keeps some 100,000 tasks. A remote that never ends its list ends here.
    private const int PagesMax = 400;

    private readonly Dictionary<string, RemoteTask> _tasks = new(StringComparer.Ordinal);
    private readonly List<string> _rejected = [];

    internal IReadOnlyCollection<RemoteTask> Tasks => _tasks.Values;

    internal IReadOnlyList<string> Rejected => _rejected;

    /// <summary>The remote's clock at the first page.</summary>
    internal long? RemoteTime { get; private set; }

    /// <summary>False when the remote ignored where a page should begin, so that nobody knows what is missing.</summary>
    internal bool IsComplete { get; private set; }

    internal bool Contains(string upid) => _tasks.ContainsKey(upid);

    /// <summary>
    /// Fetches page by page until one is not full. The list moves while it is read, so pages overlap by a few rows.
    /// </summary>
    internal static async Task<NodeListing> FetchAsync(Func<int, Task<TaskListAnswer>> fetch, int pageRows)
    {
        const int OverlapRows = 50;
        var listing = new NodeListing();
        int start = 0;
        for (int page = 0; page < PagesMax; page++)
        {
            TaskListAnswer answer = await fetch(start);
            bool isNews = listing.Add(answer);
            listing.IsComplete = answer.RowCount < pageRows;

            // A full page without a single new row: the remote ignores `start`, and would go on like this for ever.
            if (listing.IsComplete || !isNews)
                return listing;
            start += answer.RowCount - OverlapRows;
        }

        return listing;
    }

    private bool Add(TaskListAnswer answer)
    {
        int before = _tasks.Count;
        RemoteTime ??= answer.RemoteTime;
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
