using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Works out which lines lie over which archive, and which rows they replace. The journal speaks first, then the archive that a task
/// belongs to, then archives in which it is astray, the running list last.
/// </summary>
internal sealed class Overlay(ArchiveList list, ArchiveIndex[] archives)
{
    // Of fewer lines another thread is not worth it.
    private const int PartLinesMin = 32 << 10;

    /// <param name="sorted">The lines of the journal.</param>
    /// <param name="active">Lines in order.</param>
    /// <param name="before">What was found out about the same archives before; null when there is nothing.</param>
    internal (Segment[] Segments, Known Found) Build(SortedLines sorted, TaskLine[] active, Known? before)
    {
        int count = Math.Max(1, archives.Length);
        var dead = new List<int>[count];
        for (int i = 0; i < count; i++)
            dead[i] = [];
        Known found = Look(sorted, before);
        TaskLine[] journal = found.Lines;
        for (int i = 0; i < journal.Length; i++)
        {
            if (found.Rows[i] >= 0)
                dead[OwnerOf(journal[i].StartTime)].Add(found.Rows[i]);
        }

        TaskLine[] over = Join(Join(journal, Unknown(found.Strays, journal)), Unknown(active, journal));
        if (active.Length > 0)
            over = Distinct(over);
        int[] places = PlacesOf(over, before);
        return (Divide(over, places, dead), found with { Over = over, Places = places });
    }

    /// <summary>Understands the lines and finds the rows they replace; only those that were not known before.</summary>
    private Known Look(SortedLines journal, Known? before)
    {
        var found = new Known(journal, new TaskLine[journal.Count], new int[journal.Count], before?.Strays ?? Strays(), [], []);
        int parts = Math.Clamp(journal.Count / PartLinesMin, 1, Environment.ProcessorCount);
        SideBySide.Run(parts, i => Look(found, (int)((long)journal.Count * i / parts), (int)((long)journal.Count * (i + 1) / parts), before));
        return found;
    }

    private void Look(Known found, int from, int to, Known? before)
    {
        SortedLines journal = found.Journal;
        var parser = new LineParser();
        int next = 0;
        for (int i = from; i < to; i++)
        {
            if (before is not null)
                next = before.Journal.Seek(next, journal, i);
            bool isKnown = before is not null && next < before.Journal.Count && before.Journal.Compare(next, journal, i) == 0;
            found.Lines[i] = isKnown && journal.IsSame(i, before!.Journal, next) ? before.Lines[next] : journal.Parse(i, parser);
            found.Rows[i] = isKnown ? before!.Rows[next] : Find(found.Lines[i], out _) ?? -1;
        }
    }

    private int OwnerOf(long start) => archives.Length == 0 ? 0 : list.OwnerOf(start);

    /// <summary>The row of a task in the archive it belongs to.</summary>
    private int? Find(in TaskLine line, out int archive)
    {
        archive = OwnerOf(line.StartTime);
        if (archives.Length == 0 || !ArchiveSearch.MayHave(archives[archive], line))
            return null;
        int row = ArchiveSearch.RowOf(archives[archive], line, out bool isThere);
        return isThere ? row : null;
    }

    /// <summary>Lines that neither the journal nor the archive they belong to has.</summary>
    private TaskLine[] Unknown(TaskLine[] lines, TaskLine[] journal) =>
        [.. lines.Where(line => Array.BinarySearch(journal, line, JournalSnapshot.Order) < 0 && Find(line, out _) is null)];

    /// <summary>Rows that stand in another archive than the one they belong to: they are at its ends, since it is sorted.</summary>
    private TaskLine[] Strays()
    {
        var strays = new List<TaskLine>();
        for (int i = 0; i < archives.Length; i++)
        {
            (int from, int to) = RangeOf(i);
            using var reader = new RowReader(archives[i]);
            for (int row = 0; row < archives[i].Rows; row++)
            {
                if (row == from)
                    row = to;
                if (row < archives[i].Rows)
                    strays.Add(reader.Read(row).Detach());
            }
        }

        // The newer file's version of two comes first; the sort is stable.
        return Distinct([.. strays.Order(JournalSnapshot.Order)]);
    }

    private (int From, int To) RangeOf(int index)
    {
        ArchiveColumns columns = archives[index].Columns;
        int from = index == 0 || columns.Newest < list.UpperBound(index) ? 0 : columns.FirstNotAfter(list.UpperBound(index) - 1);
        int to = index == archives.Length - 1 || columns.Oldest >= list.Names[index].Epoch ? columns.Rows : columns.FirstNotAfter(list.Names[index].Epoch - 1);
        return (from, Math.Max(from, to));
    }

    /// <summary>Before which row each line stands, as far as that was found out before.</summary>
    private static int[] PlacesOf(TaskLine[] over, Known? before)
    {
        int[] places = new int[over.Length];
        Array.Fill(places, Segment.Unknown);
        int next = 0;
        for (int i = 0; i < places.Length && next < before?.Over.Length; i++)
        {
            while (next < before.Over.Length && TaskLine.Compare(before.Over[next], over[i]) < 0)
                next++;
            if (next < before.Over.Length && TaskLine.Compare(before.Over[next], over[i]) == 0)
                places[i] = before.Places[next];
        }

        return places;
    }

    private Segment[] Divide(TaskLine[] over, int[] places, List<int>[] dead)
    {
        var segments = new Segment[dead.Length];
        int start = 0;
        for (int i = 0; i < segments.Length; i++)
        {
            int end = start;
            while (end < over.Length && OwnerOf(over[end].StartTime) == i)
                end++;
            (int from, int to) = archives.Length == 0 ? (0, 0) : RangeOf(i);
            segments[i] = new Segment(archives.Length == 0 ? null : archives[i], from, to, [.. dead[i].Order()])
            {
                Begin = i == segments.Length - 1 ? long.MinValue : list.Names[i].Epoch,
                End = archives.Length == 0 ? long.MaxValue : list.UpperBound(i),
                Over = new ArraySegment<TaskLine>(over, start, end - start),
                Places = new ArraySegment<int>(places, start, end - start),
            };
            start = end;
        }

        return segments;
    }

    /// <summary>Two sorted runs as one; of equal ones that of the first comes first.</summary>
    private static TaskLine[] Join(TaskLine[] first, TaskLine[] second)
    {
        if (second.Length == 0)
            return first;
        var joined = new List<TaskLine>(first.Length + second.Length);
        int left = 0;
        foreach (TaskLine line in second)
        {
            while (left < first.Length && TaskLine.Compare(first[left], line) <= 0)
                joined.Add(first[left++]);
            joined.Add(line);
        }

        joined.AddRange(first.AsSpan(left));
        return [.. joined];
    }

    private static TaskLine[] Distinct(TaskLine[] sorted) =>
        [.. sorted.Where((line, i) => i == 0 || TaskLine.Compare(sorted[i - 1], line) != 0)];

    /// <summary>What stays true for as long as the archives stay the same.</summary>
    /// <param name="Journal">The journal.</param>
    /// <param name="Lines">Its lines, understood.</param>
    /// <param name="Rows">The row of each in the archive it belongs to, or -1.</param>
    /// <param name="Strays">Lines in other archives than the one they belong to.</param>
    /// <param name="Over">All lines over the archives.</param>
    /// <param name="Places">Before which row each stands, where it was asked for.</param>
    internal sealed record Known(SortedLines Journal, TaskLine[] Lines, int[] Rows, TaskLine[] Strays, TaskLine[] Over, int[] Places);
}
