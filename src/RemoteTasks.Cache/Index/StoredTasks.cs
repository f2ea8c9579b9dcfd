using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Finds single tasks in the archives: where the task belongs, and in the next older one, where it may have been left when it was stored before its
/// file was begun. Ask in the one order: archives without blocks are then read once.
/// </summary>
internal sealed class StoredTasks(TaskSnapshot snapshot) : IDisposable
{
    private readonly RowReader?[] _readers = new RowReader?[snapshot.Archives.Count];

    /// <summary>Whether there may be a task that began at a time; quicker than to look for one.</summary>
    internal bool MayHave(long start)
    {
        if (_readers.Length == 0)
            return false;
        int owner = snapshot.List.OwnerOf(start);
        return snapshot.Archives[owner].Columns.Spans(start) || (owner + 1 < _readers.Length && snapshot.Archives[owner + 1].Columns.Spans(start));
    }

    /// <summary>The archives' version of a task, valid until the next call.</summary>
    internal bool TryFind(in TaskLine key, out TaskLine found)
    {
        found = default;
        if (_readers.Length == 0)
            return false;
        int owner = snapshot.List.OwnerOf(key.StartTime);
        return TryFindIn(owner, key, out found) || (owner + 1 < _readers.Length && TryFindIn(owner + 1, key, out found));
    }

    public void Dispose()
    {
        foreach (RowReader? reader in _readers)
            reader?.Dispose();
    }

    private bool TryFindIn(int index, in TaskLine key, out TaskLine found)
    {
        found = default;
        ArchiveIndex archive = snapshot.Archives[index];
        if (!ArchiveSearch.MayHave(archive, key))
            return false;
        RowReader reader = _readers[index] ??= new RowReader(archive);
        int row = ArchiveSearch.RowOf(reader, key, out bool isThere);
        if (isThere)
            found = reader.Read(row);
        return isThere;
    }
}
