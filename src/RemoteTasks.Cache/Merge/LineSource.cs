using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Merge;

/// <summary>Lines in the one order, one row a UPID: what every file, the journal and their merge look like to a reader.</summary>
internal abstract class LineSource : IDisposable
{
    /// <summary>Goes to the next line; false at the end.</summary>
    internal abstract bool MoveNext();

    /// <summary>The line it stands on, valid until the next move.</summary>
    internal abstract ref readonly TaskLine Current { get; }

    public abstract void Dispose();
}

/// <summary>Lines that lie sorted in memory.</summary>
internal sealed class MemorySource(TaskLine[] lines) : LineSource
{
    private int _index = -1;

    internal override ref readonly TaskLine Current => ref lines[_index];

    internal override bool MoveNext() => ++_index < lines.Length;

    public override void Dispose()
    {
    }
}

/// <summary>Some neighbours of many lines in memory.</summary>
internal sealed class SortedSource(SortedLines lines, int from, int to) : LineSource
{
    private readonly LineParser _parser = new();
    private int _index = from - 1;
    private TaskLine _current;

    internal SortedSource(SortedLines lines)
        : this(lines, 0, lines.Count)
    {
    }

    internal override ref readonly TaskLine Current => ref _current;

    internal override bool MoveNext()
    {
        if (++_index >= to)
            return false;
        _current = lines.Parse(_index, _parser);
        return true;
    }

    public override void Dispose()
    {
    }
}
