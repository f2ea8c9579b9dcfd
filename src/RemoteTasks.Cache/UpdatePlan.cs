using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Index;

namespace RemoteTasks.Cache;

/// <summary>What a batch changes, worked out before anything is written.</summary>
internal sealed class UpdatePlan : IDisposable
{
    private readonly TaskBatch _batch;
    private readonly JournalSnapshot _journal;
    private readonly TaskSnapshot _stored;
    private readonly BatchLines _lines;
    private readonly Late<SortedLines> _finished;

    internal UpdatePlan(TaskBatch batch, CacheContent cache)
    {
        _batch = batch;
        _journal = cache.Journal;
        _stored = cache.Tasks;

        // A finished line among the running ones is nothing we write, but nothing to lose either.
        TaskLine[] ended = [.. cache.Active.Where(line => !line.IsRunning)];
        _lines = BatchLines.Of(ended, batch.Tasks);
        _finished = new Late<SortedLines>(_lines.ToSorted);
        Stored = _lines.Count - ended.Length;
        Rejected = [.. _lines.Rejected];
        List<TaskLine> running = [.. _lines.Running];
        Running = running.Count;
        Journal = _lines.Count <= Limits.LookupRowsMax ? Unknown() : _lines.ToAppend();
        Active = ChangedActive(cache.Active, LastOfEach(running));
    }

    /// <summary>Finished tasks in the batch.</summary>
    internal int Stored { get; }

    /// <summary>Running tasks in the batch.</summary>
    internal int Running { get; }

    /// <summary>Finished tasks that have to be written.</summary>
    internal int New => Journal.Rows.Length;

    internal IReadOnlyList<RejectedTask> Rejected { get; }

    /// <summary>The lines to append to the journal.</summary>
    internal JournalLines Journal { get; }

    /// <summary>The new list of running tasks; null when it stays as it is.</summary>
    internal IReadOnlyList<TaskLine>? Active { get; }

    /// <summary>Whether a task is over, as this batch says.</summary>
    internal bool Ended(string upid)
    {
        if (_batch.Gone.Contains(upid))
            return true;
        return RemoteUpid.TryParse(upid, out RemoteUpid? parsed, out _)
            && IsFinished(TaskLine.KeyOf(parsed));
    }

    public void Dispose() => _lines.Dispose();

    private bool IsFinished(in TaskLine task) => _lines.MayHave(task.Upid.Span) && _finished.Value.Find(task) >= 0;

    private static TaskLine[] LastOfEach(List<TaskLine> lines)
    {
        // The sort is stable: of equal ones the last came last.
        TaskLine[] sorted = [.. lines.Order(JournalSnapshot.Order)];
        return [.. sorted.Where((line, i) => i + 1 == sorted.Length || TaskLine.Compare(line, sorted[i + 1]) != 0)];
    }

    /// <summary>The finished tasks that neither the journal nor the archives have in the same version.</summary>
    private JournalLines Unknown()
    {
        SortedLines finished = _finished.Value;
        SortedLines journal = finished.Count == 0 ? SortedLines.Empty : _journal.Lines;
        var unknown = new List<int>(finished.Count);
        var parser = new LineParser();
        using var lookup = new StoredTasks(_stored);
        int place = 0;
        for (int i = 0; i < finished.Count; i++)
        {
            place = journal.Seek(place, finished, i);
            bool isInJournal = place < journal.Count && journal.Compare(place, finished, i) == 0;
            ReadOnlySpan<byte> known = isInJournal ? journal.LineOf(place).Span
                : lookup.MayHave(finished.StartOf(i)) && lookup.TryFind(finished.Parse(i, parser), out TaskLine stored) ? stored.Bytes.Span
                : default;
            if (!known.SequenceEqual(finished.LineOf(i).Span))
                unknown.Add(i);
        }

        (SortedLines lines, byte[] bytes) = finished.Pick(unknown);
        return JournalLines.Of(lines, bytes);
    }

    private List<TaskLine>? ChangedActive(TaskLine[] active, TaskLine[] running)
    {
        var gone = _batch.Gone.ToHashSet(StringComparer.Ordinal);
        SortedLines journal = _journal.Among([.. active, .. running]);
        TaskLine[] going = [.. active.Where(line => line.IsRunning && !IsFinished(line) && journal.Find(line) < 0
            && (gone.Count == 0 || !gone.Contains(Encoding.UTF8.GetString(line.Upid.Span))))];
        if (running.Length == 0)
            return going.Length == active.Length ? null : [.. going];

        var next = new List<TaskLine>(going.Length + running.Length);
        using var lookup = new StoredTasks(_stored);
        int old = 0;
        foreach (TaskLine line in running)
        {
            while (old < going.Length && TaskLine.Compare(going[old], line) < 0)
                next.Add(going[old++]);
            bool isKnown = old < going.Length && TaskLine.Compare(going[old], line) == 0;
            bool isOver = IsFinished(line) || journal.Find(line) >= 0
                || (!isKnown && lookup.TryFind(line, out TaskLine stored) && !stored.IsRunning);
            if (!isOver)
                next.Add(line);
            if (isKnown)
                old++;
        }

        next.AddRange(going.AsSpan(old));
        bool isSame = next.Count == active.Length
            && next.Zip(active).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
        return isSame ? null : next;
    }
}
