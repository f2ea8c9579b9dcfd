using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache;

/// <summary>What a batch changes, worked out before anything is written.</summary>
internal sealed class UpdatePlan
{
    private readonly TaskBatch _batch;
    private readonly SortedLines _journal;
    private readonly TaskSnapshot _stored;
    private readonly List<RejectedTask> _rejected = [];
    private readonly SortedLines _finished;

    internal UpdatePlan(TaskBatch batch, CacheContent cache)
    {
        _batch = batch;
        _journal = cache.Journal.Lines;
        _stored = cache.Tasks;

        // A finished line among the running ones is nothing we write, but nothing to lose either.
        var finished = new LineCollector();
        var running = new List<TaskLine>();
        foreach (TaskLine line in cache.Active.Where(line => !line.IsRunning))
            finished.Add(line);
        Sort(finished, running);
        Running = running.Count;
        _finished = finished.ToSorted();
        (JournalLines, JournalBytes) = _finished.Pick(Unknown());
        Active = ChangedActive(cache.Active, LastOfEach(running));
    }

    /// <summary>Finished tasks in the batch.</summary>
    internal int Stored { get; private set; }

    /// <summary>Running tasks in the batch.</summary>
    internal int Running { get; }

    /// <summary>Finished tasks that have to be written.</summary>
    internal int New => JournalLines.Count;

    internal IReadOnlyList<RejectedTask> Rejected => _rejected;

    /// <summary>The lines to append to the journal.</summary>
    internal SortedLines JournalLines { get; }

    /// <summary>The same as they are written.</summary>
    internal byte[] JournalBytes { get; }

    /// <summary>The new list of running tasks; null when it stays as it is.</summary>
    internal IReadOnlyList<TaskLine>? Active { get; }

    /// <summary>Whether a task is over, as this batch says.</summary>
    internal bool Ended(string upid)
    {
        if (_batch.Gone.Contains(upid))
            return true;
        return RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out _)
            && _finished.Find(new TaskLine { Upid = Encoding.UTF8.GetBytes(parsed.Text), StartTime = parsed.StartTime }) >= 0;
    }

    private static TaskLine[] LastOfEach(List<TaskLine> lines)
    {
        // The sort is stable: of equal ones the last came last.
        TaskLine[] sorted = [.. lines.Order(JournalSnapshot.Order)];
        return [.. sorted.Where((line, i) => i + 1 == sorted.Length || TaskLine.Compare(line, sorted[i + 1]) != 0)];
    }

    private void Sort(LineCollector finished, List<TaskLine> running)
    {
        var parser = new LineParser();
        var buffer = new LineBuffer();
        for (int i = 0; i < _batch.Tasks.Count; i++)
        {
            if (!parser.TryParse(buffer.Add(_batch.Tasks[i]), out TaskLine line, out string? problem))
            {
                _rejected.Add(new RejectedTask(i, problem!));
                continue;
            }

            if (line.IsOldForm)
                line = line with { Bytes = LineWriter.WithUpid(line, line.Upid.Span), IsOldForm = false };
            if (line.IsRunning)
            {
                running.Add(line.Detach());
                continue;
            }

            finished.Add(line);
            Stored++;
        }
    }

    /// <summary>Which finished tasks neither the journal nor the archives have in the same version.</summary>
    private List<int> Unknown()
    {
        var unknown = new List<int>(_finished.Count);
        var parser = new LineParser();
        using var lookup = new StoredTasks(_stored);
        bool looksUp = _finished.Count <= Limits.LookupRowsMax;
        int place = 0;
        for (int i = 0; i < _finished.Count; i++)
        {
            place = _journal.Seek(place, _finished, i);
            bool isInJournal = place < _journal.Count && _journal.Compare(place, _finished, i) == 0;
            ReadOnlySpan<byte> known = isInJournal ? _journal.LineOf(place).Span
                : looksUp && lookup.TryFind(_finished.Parse(i, parser), out TaskLine stored) ? stored.Bytes.Span
                : default;
            if (!known.SequenceEqual(_finished.LineOf(i).Span))
                unknown.Add(i);
        }

        return unknown;
    }

    private List<TaskLine>? ChangedActive(TaskLine[] active, TaskLine[] running)
    {
        var gone = _batch.Gone.ToHashSet(StringComparer.Ordinal);
        var next = new SortedDictionary<TaskLine, TaskLine>(JournalSnapshot.Order);
        foreach (TaskLine line in active)
        {
            if (line.IsRunning && _finished.Find(line) < 0 && _journal.Find(line) < 0
                && (gone.Count == 0 || !gone.Contains(Encoding.UTF8.GetString(line.Upid.Span))))
                next[line] = line;
        }

        using var lookup = new StoredTasks(_stored);
        foreach (TaskLine line in running)
        {
            bool isOver = _finished.Find(line) >= 0 || _journal.Find(line) >= 0
                || (!next.ContainsKey(line) && lookup.TryFind(line, out TaskLine stored) && !stored.IsRunning);
            if (!isOver)
                next[line] = line;
        }

        bool isSame = next.Count == active.Length
            && next.Values.Zip(active).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
        return isSame ? null : [.. next.Values];
    }
}
