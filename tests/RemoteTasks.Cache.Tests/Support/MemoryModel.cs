namespace RemoteTasks.Cache.Tests.Support;

/// <summary>What the cache must answer, in the plainest way: two dictionaries.</summary>
internal sealed class MemoryModel
{
    private readonly Dictionary<string, ModelTask> _finished = [];
    private readonly Dictionary<string, ModelTask> _running = [];

    internal IReadOnlyCollection<string> Running => _running.Keys;

    internal void Update(IEnumerable<ModelTask> tasks, IEnumerable<string> gone)
    {
        ModelTask[] batch = [.. tasks];
        foreach (string upid in gone)
            _running.Remove(upid);
        foreach (ModelTask task in batch.Where(task => task.End is not null))
            _finished[task.Upid] = task;
        foreach (ModelTask task in batch.Where(task => task.End is null))
            _running[task.Upid] = task;
        foreach (string upid in _finished.Keys)
            _running.Remove(upid);
    }

    internal ModelTask[] All() => [.. _finished.Values.Concat(_running.Values).Order(ModelTask.Order)];

    internal static Dictionary<TKey, StatusCounts> Count<TKey>(IEnumerable<ModelTask> tasks, Func<ModelTask, TKey> key)
        where TKey : notnull => tasks.GroupBy(key).ToDictionary(group => group.Key, group => new StatusCounts(
            group.LongCount(task => task.Class == StatusClass.Ok),
            group.LongCount(task => task.Class == StatusClass.Warning),
            group.LongCount(task => task.Class == StatusClass.Error),
            group.LongCount(task => task.Class == StatusClass.Unknown),
            group.LongCount(task => task.Class == StatusClass.Running)));
}
