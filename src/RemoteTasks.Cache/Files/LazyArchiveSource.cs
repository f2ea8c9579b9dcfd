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
    private long _skipTo = long.MaxValue;

    internal override ref readonly TaskLine Current => ref _standsOnFirst ? ref _first : ref _source!.Current;

    internal override bool MoveNext()
    {
        if (_source is not null)
            return _source.MoveNext() || End();
        if (_standsOnFirst)
        {
            _standsOnFirst = false;
            _source = Open();
            return (_source.MoveNext() && _source.MoveNext()) || End();
        }

        if (_isPositioned)
            return false;
        _isPositioned = true;
        using LineSource peek = Open();
        _standsOnFirst = peek.MoveNext();
        if (_standsOnFirst)
            _first = peek.Current.Detach();
        return _standsOnFirst;
    }

    internal override void SkipTo(long start)
    {
        // Noted only: the file is opened when it is asked for its first line.
        if (_isPositioned)
            throw new InvalidOperationException("An archive in a merge is positioned before it is read.");
        _skipTo = Math.Min(_skipTo, start);
    }

    public override void Dispose() => _source?.Dispose();

    private LineSource Open()
    {
        LineSource source = open();
        if (_skipTo < long.MaxValue)
            source.SkipTo(_skipTo);
        return source;
    }

    private bool End()
    {
        _source?.Dispose();
        _source = null;
        return false;
    }
}
