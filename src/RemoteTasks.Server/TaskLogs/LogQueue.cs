using RemoteTasks.Cache;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>A log that is to be fetched.</summary>
/// <param name="Task">Of which task.</param>
/// <param name="Tries">How often that has failed.</param>
/// <param name="Due">When it is tried (next); a time stamp.</param>
internal sealed record LogJob(RemoteUpid Task, int Tries, long Due);

/// <summary>
/// Logs that are to be fetched, each once: a bounded number, one of a remote at a time, so that a remote that hangs holds up its own alone. Safe to use
/// from several threads.
/// </summary>
internal sealed class LogQueue(int max)
{
    private readonly Lock _gate = new();
    private readonly List<LogJob> _waiting = [];
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _settled = new();

    /// <summary>Those that wait.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>When the next one may be taken; null: none before another is added or has ended.</summary>
    internal long? NextDue
    {
        get
        {
            lock (_gate)
                return _waiting.Where(IsFree).Select(job => (long?)job.Due).Min();
        }
    }

    /// <summary>Adds one; false when it is here already, or was and is done with, or when there is no room.</summary>
    internal bool TryAdd(RemoteUpid task, long due)
    {
        lock (_gate)
        {
            if (_waiting.Count >= max || !_known.Add(task.Text))
                return false;
            _waiting.Add(new LogJob(task, 0, due));
            return true;
        }
    }

    /// <summary>Takes one whose time has come; null: there is none. Its remote is busy until it is settled or put back.</summary>
    internal LogJob? Take(long now)
    {
        lock (_gate)
        {
            int at = _waiting.FindIndex(job => job.Due <= now && IsFree(job));
            if (at < 0)
                return null;
            LogJob job = _waiting[at];
            _waiting.RemoveAt(at);
            _busy.Add(job.Task.Remote);
            return job;
        }
    }

    /// <summary>It is done with, for better or worse.</summary>
    internal void Settle(LogJob job)
    {
        lock (_gate)
        {
            _busy.Remove(job.Task.Remote);
            _settled.Enqueue(job.Task.Text);
            if (_settled.Count > max)
                _known.Remove(_settled.Dequeue());
        }
    }

    /// <summary>It is to be tried again.</summary>
    internal void PutBack(LogJob job, long due)
    {
        lock (_gate)
        {
            _busy.Remove(job.Task.Remote);
            _waiting.Add(job with { Tries = job.Tries + 1, Due = due });
        }
    }

    private bool IsFree(LogJob job) => !_busy.Contains(job.Task.Remote);
}
