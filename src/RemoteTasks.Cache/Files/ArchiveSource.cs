using RemoteTasks.Cache.Disk;
using RemoteTasks.Cache.Merge;
using ZstdSharp;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// Reads one archive file, plain or compressed, in blocks or as the reference writes it (one zstd frame).
/// <para>
/// Lines of one second are put in order here, since files in the older form are sorted by a UPID without its kind, and a
/// UPID that stands there twice is given out once, the version that ended later. A line that cannot be understood, that
/// belongs before its predecessor, or a block that cannot be decoded is passed over and noted as <see cref="Damage"/>.
/// </para>
/// </summary>
internal sealed class ArchiveSource : LineSource
{
    private readonly IDiskFile _file;
    private readonly ArchiveName _name;
    private readonly ICollection<Damage> _damage;
    private readonly TimeBounds _bounds;
    private readonly bool _isToBeReplaced;
    private readonly Stream _content;
    private readonly LineReader _lines;
    private readonly LineParser _parser = new();
    private readonly ArchiveSeeker? _seeker;
    private readonly SealedFileReader? _seals;

    // The lines of the current second; the ones before _detached have memory of their own.
    private readonly List<TaskLine> _second = [];
    private int _detached;
    private int _index = -1;

    private TaskLine _ahead;
    private bool _hasAhead;
    private bool _atEnd;
    private string? _missingEnd;
    private bool _hasUnread;
    private long _lastStart = long.MaxValue;

    private string? _problem;
    private int _problemLines;

    /// <param name="file">Stays open, and stays its opener's.</param>
    /// <param name="name">Its name.</param>
    /// <param name="bounds">What belongs to it, for what damage at its ends may have held.</param>
    /// <param name="damage">Takes what could not be read.</param>
    /// <param name="isToBeReplaced">Whether errors of the disk are thrown; otherwise they are damage like any other.</param>
    /// <exception cref="IOException">An error of the disk, of a file that is to be replaced.</exception>
    internal ArchiveSource(IDiskFile file, ArchiveName name, TimeBounds bounds, ICollection<Damage> damage, bool isToBeReplaced = false)
    {
        _isToBeReplaced = isToBeReplaced;
        _file = file;
        _name = name;
        _damage = damage;
        _bounds = bounds;
        long length = file.Length;
        _content = Open(file, length);
        _lines = new LineReader(_content, DetachSecond);
        _seals = name.Compressed ? null : new SealedFileReader();
        _seeker = _content switch
        {
            BlockStream blocks => new BlockSeeker(blocks),
            DiskStream plain => new PlainSeeker(plain),
            _ => null,
        };
    }

    internal override ref readonly TaskLine Current =>
        ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_second)[_index];

    /// <summary>Whether lines were given out as they stand in the file, so far: none moved, none left out as a double.</summary>
    internal bool IsVerbatim { get; private set; } = true;

    internal ArchiveName Name => _name;

    /// <summary>Whether the disk did not give some of it.</summary>
    internal bool HasUnread => _hasUnread || _file is SalvageFile { HasMadeUp: true };

    internal override bool MoveNext()
    {
        if (++_index < _second.Count)
            return true;
        _index = 0;
        return ReadSecond();
    }

    /// <summary>Passes over lines that began after <paramref name="start"/>; the next move gives the first that did not.</summary>
    internal void SkipTo(long start)
    {
        if (_index + 1 < _second.Count && _second[0].StartTime <= start)
            return;
        _index = -1;
        _second.Clear();
        _detached = 0;
        if (_hasAhead && _ahead.StartTime <= start)
            return;
        if (!_atEnd && _seeker is not null && _problem is null && _seeker.TryFind(start, _lines.Offset, out long offset))
        {
            _lines.Reset(offset);
            _seals?.Skip();
            _hasAhead = false;
        }

        while (_hasAhead ? _ahead.StartTime > start : !_atEnd)
        {
            _hasAhead = TryReadGood(out _ahead);
            if (_hasAhead)
                _lastStart = _ahead.StartTime;
        }
    }

    public override void Dispose() => _content.Dispose();

    private Stream Open(IDiskFile file, long length)
    {
        if (!_name.Compressed)
            return new DiskStream(file, length);
        if (length == 0)
        {
            NoteProblem("the file is empty, which no compressed file is", lines: 0);
            return new DiskStream(file, length);
        }

        if (TryReadTable(file, length) is { } table)
            return new BlockStream(file, table, _isToBeReplaced, NoteBlock);
        var stream = new DecompressionStream(new DiskStream(file, length), Limits.ReadBytes, checkEndOfStream: true, leaveOpen: false);
        stream.SetParameter(ZstdSharp.Unsafe.ZSTD_dParameter.ZSTD_d_windowLogMax, Limits.WindowLogMax);
        return stream;
    }

    /// <summary>The table; null when there is none, though the file may begin as those that have one.</summary>
    private SeekTable? TryReadTable(IDiskFile file, long length)
    {
        try
        {
            SeekTable? table = SeekTable.TryRead(file, length);
            if (table is null && SeekTable.HasHead(file))
                _missingEnd = "the end of the file is missing, or damaged";
            return table;
        }
        catch (IOException error) when (!_isToBeReplaced)
        {
            _hasUnread = true;
            _missingEnd = $"its end cannot be read: {DiskErrors.Cause(error)}";
            return null;
        }
    }

    private bool ReadSecond()
    {
        _second.Clear();
        _detached = 0;
        if (!_hasAhead && !TryReadGood(out _ahead))
            return false;
        long start = _ahead.StartTime;
        _lastStart = start;
        _second.Add(_ahead);
        _hasAhead = false;
        while (TryReadGood(out TaskLine next))
        {
            _lastStart = next.StartTime;
            if (next.StartTime != start || _second.Count == Limits.SecondLinesMax)
            {
                _ahead = next;
                _hasAhead = true;
                break;
            }

            _second.Add(next);
        }

        IsVerbatim &= !LineOrder.SortDistinct(_second);
        return true;
    }

    private bool TryReadGood(out TaskLine line)
    {
        while (!_atEnd && TryReadBytes(out ReadOnlyMemory<byte> bytes))
        {
            string? problem = LineSeal.Broken;
            line = default;
            if (_seals?.TryOpen(ref bytes) == false || !_parser.TryParse(bytes, out line, out problem))
            {
                NoteProblem(problem!, lines: 1);
                continue;
            }

            if (line.StartTime > _lastStart)
            {
                NoteProblem("the line belongs before its predecessor", lines: 1);
                continue;
            }

            if (_problem is not null)
                CloseDamage(line.StartTime);

            // What was unescaped lies in the parser's memory, which its next line takes.
            if (!IsPart(line.Upid, bytes) || !IsPart(line.Status, bytes))
                line = line.Detach();
            return true;
        }

        line = default;
        EndOfFile();
        return false;
    }

    private void EndOfFile()
    {
        bool isFirst = !_atEnd;
        _atEnd = true;
        if (isFirst && (_missingEnd ?? _seals?.MissingEnd) is { } missing)
            NoteProblem(missing, lines: 0);
        if (_problem is not null)
            CloseDamage(Math.Min(_bounds.From, _lastStart));
        if (isFirst && _seals?.MissingSomewhere is { } lost)
            _damage.Add(new Damage(_name.ToString(), Math.Min(_bounds.From, _lastStart), _bounds.Before, 0, lost));
    }

    private bool TryReadBytes(out ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _lines.TryRead(out bytes);
        }
        catch (Exception error) when (error is ZstdException or EndOfStreamException || (error is IOException && !_isToBeReplaced))
        {
            _hasUnread |= error is IOException and not EndOfStreamException;
            NoteProblem($"the file cannot be read on: {(error is IOException failure ? DiskErrors.Cause(failure) : error.Message)}", lines: 0);
            bytes = default;
            return false;
        }
    }

    private static bool IsPart(ReadOnlyMemory<byte> part, ReadOnlyMemory<byte> whole) =>
        part.IsEmpty || whole.Span.Overlaps(part.Span);

    private void NoteBlock(string problem, IOException? error)
    {
        _hasUnread |= error is not null;
        NoteProblem(problem, lines: 0);
    }

    private void NoteProblem(string problem, int lines)
    {
        _problem ??= problem;
        _problemLines += lines;
    }

    private void CloseDamage(long from)
    {
        long to = _lastStart == long.MaxValue ? Math.Max(from, _bounds.Before) : _lastStart;
        _damage.Add(new Damage(_name.ToString(), from, to, _problemLines, _problem!));
        _problem = null;
        _problemLines = 0;
    }

    private void DetachSecond()
    {
        for (; _detached < _second.Count; _detached++)
            _second[_detached] = _second[_detached].Detach();
    }
}
