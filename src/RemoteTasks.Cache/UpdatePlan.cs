using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache;

/// <summary>What a batch changes, worked out before anything is written.</summary>
internal sealed class UpdatePlan
{
    private readonly TaskBatch _batch;
    private readonly JournalSnapshot _journal;
    private readonly TaskSnapshot _stored;
    private readonly List<RejectedTask> _rejected = [];
    private readonly TaskLine[] _finished;

    internal UpdatePlan(TaskBatch batch, CacheContent cache)
    {
        _batch = batch;
        _journal = cache.Journal;
        _stored = cache.Tasks;
        TaskLine[] active = cache.Active;

        // A finished line among the running ones is nothing we write, but nothing to lose either.
        var finished = new List<TaskLine>(active.Where(line => !line.IsRunning));
        var running = new List<TaskLine>();
        Sort(finished, running);
        Stored = finished.Count - active.Count(line => !line.IsRunning);
        Running = running.Count;
        _finished = LastOfEach(finished);
        JournalLines = Unknown(_finished);
        Active = ChangedActive(active, LastOfEach(running));
    }

    /// <summary>Finished tasks in the batch.</summary>
    internal int Stored { get; }

    /// <summary>Running tasks in the batch.</summary>
    internal int Running { get; }

    /// <summary>Finished tasks that have to be written.</summary>
    internal int New { get; private set; }

    internal IReadOnlyList<RejectedTask> Rejected => _rejected;

    /// <summary>The bytes to append to the journal.</summary>
    internal ReadOnlyMemory<byte> JournalLines { get; }

    /// <summary>The new list of running tasks; null when it stays as it is.</summary>
    internal IReadOnlyList<TaskLine>? Active { get; }

    /// <summary>Whether a task is over, as this batch says.</summary>
    internal bool Ended(string upid)
    {
        if (_batch.Gone.Contains(upid))
            return true;
        return RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out _)
            && Contains(_finished, new TaskLine { Upid = Encoding.UTF8.GetBytes(parsed.Text), StartTime = parsed.StartTime });
    }

    private static bool Contains(TaskLine[] sorted, in TaskLine line) => Array.BinarySearch(sorted, line, JournalSnapshot.Order) >= 0;

    private static TaskLine[] LastOfEach(List<TaskLine> lines)
    {
        // The sort is stable: of equal ones the last came last.
        TaskLine[] sorted = [.. lines.Order(JournalSnapshot.Order)];
        return [.. sorted.Where((line, i) => i + 1 == sorted.Length || TaskLine.Compare(line, sorted[i + 1]) != 0)];
    }

    private void Sort(List<TaskLine> finished, List<TaskLine> running)
    {
        var parser = new LineParser();
        for (int i = 0; i < _batch.Tasks.Count; i++)
        {
            byte[] bytes = _batch.Tasks[i].ToLine();
            if (!parser.TryParse(bytes, out TaskLine line, out string? problem))
            {
                _rejected.Add(new RejectedTask(i, problem!));
                continue;
            }

            line = line.Detach();
            if (line.IsOldForm)
                line = line with { Bytes = LineWriter.WithUpid(line, line.Upid.Span), IsOldForm = false };
            (line.IsRunning ? running : finished).Add(line);
        }
    }

    private ReadOnlyMemory<byte> Unknown(TaskLine[] finished)
    {
        var lines = new MemoryStream();
        using var lookup = new StoredTasks(_stored);
        bool looksUp = finished.Length <= Limits.LookupRowsMax;
        foreach (TaskLine line in finished)
        {
            bool isKnown = _journal.TryFind(line, out TaskLine known) || (looksUp && lookup.TryFind(line, out known));
            if (isKnown && known.Bytes.Span.SequenceEqual(line.Bytes.Span))
                continue;
            lines.Write(line.Bytes.Span);
            lines.WriteByte((byte)'\n');
            New++;
        }

        return lines.GetBuffer().AsMemory(0, (int)lines.Length);
    }

    private List<TaskLine>? ChangedActive(TaskLine[] active, TaskLine[] running)
    {
        var gone = _batch.Gone.ToHashSet(StringComparer.Ordinal);
        var next = new SortedDictionary<TaskLine, TaskLine>(JournalSnapshot.Order);
        foreach (TaskLine line in active)
        {
            if (line.IsRunning && !Contains(_finished, line) && !_journal.TryFind(line, out _)
                && (gone.Count == 0 || !gone.Contains(Encoding.UTF8.GetString(line.Upid.Span))))
                next[line] = line;
        }

        using var lookup = new StoredTasks(_stored);
        foreach (TaskLine line in running)
        {
            bool isOver = Contains(_finished, line) || _journal.TryFind(line, out _)
                || (!next.ContainsKey(line) && lookup.TryFind(line, out TaskLine stored) && !stored.IsRunning);
            if (!isOver)
                next[line] = line;
        }

        bool isSame = next.Count == active.Length
            && next.Values.Zip(active).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
        return isSame ? null : [.. next.Values];
    }
}
