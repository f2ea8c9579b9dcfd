using RemoteTasks.Cache.Merge;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// An archive in a merge of many. Until its turn comes only its first line is kept, and when it is over nothing, so that memory does not
/// grow with the number of files.
/// </summary>
internal sealed class LazyArchiveSource(Func<LineSource> open) : LineSource
{
    private LineSource? _source;
    private TaskLine _first;
    private bool _standsOnFirst;
    private bool _isPositioned;

    internal override ref readonly TaskLine Current => ref _standsOnFirst ? ref _first : ref _source!.Current;

    internal override bool MoveNext()
    {
        if (_source is not null)
            return _source.MoveNext() || End();
        if (_standsOnFirst)
        {
            _standsOnFirst = false;
            _source = open();
            return (_source.MoveNext() && _source.MoveNext()) || End();
        }

        if (_isPositioned)
            return false;
        _isPositioned = true;
        using LineSource peek = open();
        _standsOnFirst = peek.MoveNext();
        if (_standsOnFirst)
            _first = peek.Current.Detach();
        return _standsOnFirst;
    }

    public override void Dispose() => _source?.Dispose();

    private bool End()
    {
        _source?.Dispose();
        _source = null;
        return false;
    }
}
