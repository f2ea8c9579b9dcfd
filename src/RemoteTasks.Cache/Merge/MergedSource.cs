using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Several sources as one. Where more than one has a UPID, the first of them speaks and the others are passed over.
/// </summary>
internal sealed class MergedSource : LineSource
{
    private readonly LineSource[] _sources;
    private readonly List<int> _heap = [];
    private bool _started;

    /// <param name="sources">Owned: disposed with the merge.</param>
    internal MergedSource(params LineSource[] sources) => _sources = sources;

    internal override ref readonly TaskLine Current => ref _sources[_heap[0]].Current;

    internal override bool MoveNext()
    {
        if (!_started)
        {
            _started = true;
            for (int i = 0; i < _sources.Length; i++)
                Push(i);
            return _heap.Count > 0;
        }

        if (_heap.Count == 0)
            return false;
        PassOverTwins();
        AdvanceTop();
        return _heap.Count > 0;
    }

    public override void Dispose()
    {
        foreach (LineSource source in _sources)
            source.Dispose();
    }

    /// <summary>Advances every other source that stands on the current UPID. They are children of the top, never deeper alone.</summary>
    private void PassOverTwins()
    {
        while (_heap.Count > 1)
        {
            int child = _heap.Count > 2 && Compare(_heap[2], _heap[1]) < 0 ? 2 : 1;
            if (TaskLine.Compare(_sources[_heap[child]].Current, Current) != 0)
                return;
            if (_sources[_heap[child]].MoveNext())
                SiftDown(child);
            else
                RemoveAt(child);
        }
    }

    private void AdvanceTop()
    {
        if (_sources[_heap[0]].MoveNext())
            SiftDown(0);
        else
            RemoveAt(0);
    }

    private int Compare(int left, int right)
    {
        int order = TaskLine.Compare(_sources[left].Current, _sources[right].Current);
        return order != 0 ? order : left.CompareTo(right);
    }

    private void Push(int source)
    {
        if (!_sources[source].MoveNext())
            return;
        _heap.Add(source);
        for (int i = _heap.Count - 1; i > 0 && Compare(_heap[i], _heap[(i - 1) / 2]) < 0; i = (i - 1) / 2)
            (_heap[i], _heap[(i - 1) / 2]) = (_heap[(i - 1) / 2], _heap[i]);
    }

    private void RemoveAt(int index)
    {
        int last = _heap.Count - 1;
        _heap[index] = _heap[last];
        _heap.RemoveAt(last);
        if (index < last)
            SiftDown(index);
    }

    private void SiftDown(int index)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _heap.Count)
                return;
            if (child + 1 < _heap.Count && Compare(_heap[child + 1], _heap[child]) < 0)
                child++;
            if (Compare(_heap[index], _heap[child]) <= 0)
                return;
            (_heap[index], _heap[child]) = (_heap[child], _heap[index]);
            index = child;
        }
    }
}
