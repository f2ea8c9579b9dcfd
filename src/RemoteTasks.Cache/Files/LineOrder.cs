namespace RemoteTasks.Cache.Files;

/// <summary>Putting lines in the one order, one line a UPID.</summary>
internal static class LineOrder
{
    /// <summary>
    /// Sorts lines of a file in place. Of two with the same UPID the finished one stays, then the one that ended later, then the one
    /// that stood later. False when nothing had to be changed.
    /// </summary>
    internal static bool SortDistinct(List<TaskLine> lines)
    {
        bool isSorted = true;
        for (int i = 1; i < lines.Count && isSorted; i++)
            isSorted = TaskLine.Compare(lines[i - 1], lines[i]) < 0;
        if (isSorted)
            return false;

        // LINQ's order is stable: equal UPIDs stay in the order of the file.
        TaskLine[] sorted = [.. lines.Order(Comparer<TaskLine>.Create((a, b) => TaskLine.Compare(a, b)))];
        lines.Clear();
        foreach (TaskLine line in sorted)
        {
            if (lines.Count == 0 || TaskLine.Compare(lines[^1], line) != 0)
                lines.Add(line);
            else if ((line.EndTime ?? long.MinValue) >= (lines[^1].EndTime ?? long.MinValue))
                lines[^1] = line;
        }

        return true;
    }
}
