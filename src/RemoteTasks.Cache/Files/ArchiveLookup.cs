using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// Finds single tasks in the archives. Ask in the one order: each file is then gone through once, by leaps.
/// Looks where the task belongs, and in the next older file, where a task may have been left that was stored before its file was begun.
/// </summary>
internal sealed class ArchiveLookup(OpenArchives archives, ICollection<Damage> damage) : IDisposable
{
    private readonly LineSource?[] _sources = new LineSource?[archives.Count];
    private readonly bool[] _stands = new bool[archives.Count];

    internal bool TryFind(in TaskLine key, out TaskLine found)
    {
        found = default;
        if (archives.Count == 0)
            return false;
        int owner = archives.List.OwnerOf(key.StartTime);
        return TryFindIn(owner, key, out found) || (owner + 1 < archives.Count && TryFindIn(owner + 1, key, out found));
    }

    public void Dispose()
    {
        foreach (LineSource? source in _sources)
            source?.Dispose();
    }

    private bool TryFindIn(int index, in TaskLine key, out TaskLine found)
    {
        found = default;
        LineSource source = _sources[index] ??= archives.Read(index, damage);
        if (!_stands[index] || source.Current.StartTime > key.StartTime)
        {
            source.SkipTo(key.StartTime);
            _stands[index] = source.MoveNext();
        }

        while (_stands[index])
        {
            int order = TaskLine.Compare(source.Current, key);
            if (order == 0)
                found = source.Current;
            if (order >= 0)
                return order == 0;
            _stands[index] = source.MoveNext();
        }

        return false;
    }
}
