using System.Runtime.InteropServices;
using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>
/// Another source's lines, changed or left out one by one. A change keeps the start time but may move a line within its second, so each
/// second is put in order anew.
/// </summary>
internal sealed class ChangedSource(LineSource source, Func<TaskLine, TaskLine?> change) : LineSource
{
    private readonly List<TaskLine> _second = [];
    private int _index;
    private bool _hasNext;
    private bool _isStarted;

    internal override ref readonly TaskLine Current => ref CollectionsMarshal.AsSpan(_second)[_index];

    internal override bool MoveNext()
    {
        if (++_index < _second.Count)
            return true;
        _index = 0;
        if (!_isStarted)
        {
            _isStarted = true;
            _hasNext = source.MoveNext();
        }

        do
        {
            _second.Clear();
            if (!_hasNext)
                return false;
            long start = source.Current.StartTime;
            for (; _hasNext && source.Current.StartTime == start; _hasNext = source.MoveNext())
            {
                if (change(source.Current) is { } changed)
                    _second.Add(changed.Detach());
            }
        }
        while (_second.Count == 0);
        LineOrder.SortDistinct(_second);
        return true;
    }

    public override void Dispose() => source.Dispose();
}
