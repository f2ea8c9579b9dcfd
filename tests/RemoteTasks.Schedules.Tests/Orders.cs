namespace RemoteTasks.Schedules.Tests;

/// <summary>Looks for an order of acts, one after the other, that explains what was seen (they are linearisable).</summary>
internal static class Orders
{
    /// <summary>What a reader sees of tasks.</summary>
    internal static string Text(IEnumerable<(int Key, int Value)> tasks) => string.Join(' ', tasks.Select(task => $"{task.Key}={task.Value}"));

    /// <summary>Whether there is one. What ended before something else began comes before it.</summary>
    internal static bool Explain(IReadOnlyList<Act> acts) => Explain([.. acts], new SortedDictionary<int, int>(Comparer<int>.Create(static (a, b) => b.CompareTo(a))));

    private static bool Explain(List<Act> left, SortedDictionary<int, int> tasks)
    {
        if (left.Count == 0)
            return true;
        int firstEnd = left.Min(act => act.Ended);
        foreach (Act next in left.Where(act => act.Began < firstEnd))
        {
            if (next.Seen is { } seen && seen != Text(tasks.Select(task => (task.Key, task.Value))))
                continue;
            var then = new SortedDictionary<int, int>(tasks, tasks.Comparer);
            if (next.Kind == ActKind.Store)
                then[next.Key] = next.Value;
            if (Explain([.. left.Where(act => act != next)], then))
                return true;
        }

        return false;
    }
}
