using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Reliability.Tests.Crash;

/// <summary>
/// What a cache may show while something is being done to it: of every task what was acknowledged before, or what it will be afterwards, and
/// nothing else. Before and after are the same while nothing is being done.
/// </summary>
internal sealed class Promise
{
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly List<Slot> _all = [];

    private readonly List<ModelTask> _tasks = [];

    // Of what was acknowledged of the node that reports cut-offs.
    private readonly HashSet<long> _starts = [];
    private readonly long? _cutoffBefore;
    private readonly long? _cutoffAfter;

    private readonly bool _claims;

    private Promise(World before, World after, bool claims) => (_cutoffBefore, _cutoffAfter, _claims) = (before.Cutoff, after.Cutoff, claims);

    /// <summary>Tasks before, tasks after, each task under one name.</summary>
    internal static Promise Of(World before, World after)
    {
        var promise = new Promise(before, after, claims: true);
        Dictionary<string, ModelTask> next = after.Tasks.ToDictionary(task => task.Upid);
        foreach (ModelTask task in before.Tasks)
            promise.Add(task, next.Remove(task.Upid, out ModelTask? later) ? later : null);
        foreach (ModelTask task in next.Values)
            promise.Add(null, task);
        return promise;
    }

    /// <summary>Every task becomes another one, or goes.</summary>
    internal static Promise Of(World before, World after, Func<ModelTask, ModelTask?> change)
    {
        var promise = new Promise(before, after, claims: false);
        foreach (ModelTask task in before.Tasks)
            promise.Add(task, change(task));
        return promise;
    }

    /// <summary>What a reader shows that it must not, or does not show that it must; null when all is well.</summary>
    /// <param name="reader">The reader; null when there is no cache to be read.</param>
    /// <param name="isWhole">Whether what was being done must be wholly done, or not at all.</param>
    /// <param name="isTorn">Whether the journal may have lost bytes from the midst of what was not synced.</param>
    internal string? Broken(CacheReader? reader, bool isWhole, bool isTorn)
    {
        if (reader is null)
            return BrokenSlot([]);
        TaskPage page = reader.List(new TaskQuery { Limit = 0 });
        if (reader.Damage.FirstOrDefault(damage => !isTorn || damage.File != "journal") is { } damage)
            return $"unreadable: {damage}";
        var shown = new HashSet<string>(StringComparer.Ordinal);
        var upids = new HashSet<string>(StringComparer.Ordinal);
        long newest = long.MaxValue;
        foreach (TaskRow row in page.Rows)
        {
            string text = ModelTask.Show(row);
            if (!upids.Add(row.Upid))
                return $"duplicate: {text}";
            if (!_slots.ContainsKey(text))
                return $"invented or outdated: {text}";
            if (row.StartTime > newest)
                return $"out of order: {text}";
            newest = row.StartTime;
            shown.Add(text);
        }

        if (page.Total != page.Rows.Count)
            return $"total says {page.Total}, shown are {page.Rows.Count}";
        return BrokenSlot(shown) ?? BrokenCutoff(reader, shown) ?? (isWhole ? BrokenWhole(shown) : null);
    }

    /// <summary>What of it is shown now, which is what there is from now on.</summary>
    internal World Shown(CacheWriter writer)
    {
        using CacheReader reader = writer.Read();
        HashSet<string> shown = [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
        return new World([.. _tasks.Where(task => shown.Contains(task.Show()))], World.CutoffIn(reader.State));
    }

    private string? BrokenSlot(HashSet<string> shown)
    {
        foreach (Slot slot in _all)
        {
            bool before = slot.Before is not null && shown.Contains(slot.Before);
            bool after = slot.After is not null && shown.Contains(slot.After);
            if (!before && !after && slot.Before is not null && slot.After is not null)
                return $"lost: {slot.Before}";
            if (before && after && slot.Before != slot.After)
                return $"duplicate: {slot.Before} and {slot.After}";
        }

        return null;
    }

    /// <summary>A cut-off says that everything up to it is stored.</summary>
    private string? BrokenCutoff(CacheReader reader, HashSet<string> shown)
    {
        long? cutoff = World.CutoffIn(reader.State);
        if (!_claims)
            return null;
        if (cutoff == _cutoffAfter)
        {
            bool claims = _cutoffAfter != _cutoffBefore;
            return claims && _all.FirstOrDefault(slot => slot.After is not null && !shown.Contains(slot.After)) is { } missing
                ? $"order: the cut-off {cutoff} claims a task that is not stored: {missing.After}" : null;
        }

        // A state that was lost is made anew, from what had been acknowledged.
        return cutoff is null || cutoff == _cutoffBefore || _starts.Contains(cutoff.Value)
            ? null
            : $"order: nothing that was acknowledged implies the cut-off {cutoff}";
    }

    private string? BrokenWhole(HashSet<string> shown)
    {
        bool isBefore = _all.All(slot => slot.Before is null || shown.Contains(slot.Before));
        bool isAfter = _all.All(slot => slot.After is null || shown.Contains(slot.After));
        return isBefore || isAfter ? null : "half done: some tasks are as before, others as after";
    }

    private void Add(ModelTask? before, ModelTask? after)
    {
        var slot = new Slot(before?.Show(), after?.Show());
        _tasks.AddRange(new[] { before, after }.OfType<ModelTask>().DistinctBy(task => task.Show()));
        _all.Add(slot);
        if (slot.Before is not null)
            _slots[slot.Before] = slot;
        if (slot.After is not null)
            _slots[slot.After] = slot;
        if (before is { End: not null, Remote: World.Remote, Node: World.Node })
            _starts.Add(before.Start);
    }

    private sealed record Slot(string? Before, string? After);
}

/// <summary>What was acknowledged: tasks, and the cut-off of the one node that reports any.</summary>
internal sealed record World(IReadOnlyList<ModelTask> Tasks, long? Cutoff)
{
    internal const string Remote = "pve-1";
    internal const string Node = "n1";

    internal static readonly World Empty = new([], null);

    internal static long? CutoffIn(CacheState state) => state.Find(Remote, Node)?.Cutoff;
}
