using System.Text;
using System.Text.Json;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.Report;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>
/// The reference's algorithm, written plainly: journal appended (each piece of a line by a write of its own, as the reference does, unless it is
/// buffered) and synced, running tasks and state rewritten by each update;
/// apply zips the sorted journal into the files it touches; a list reads from the newest line on, parses every UPID, filters, skips,
/// takes, and stops when the page is full. So it has no total, and none is asked of it where it is timed.
/// </summary>
internal sealed class LineScanEngine(string directory, bool isBuffered = false) : Engine(directory)
{
    private const long JournalBytesMax = 5 << 20;

    private readonly ScanFiles _files = new(directory);
    private readonly AnswerBuffer _answer = new();
    private readonly SortedDictionary<string, SortedDictionary<string, long>> _cutoffs = LineWriting.ReadState(ScanFiles.StateIn(directory));

    internal override string Name => isBuffered ? Column.BufferedScan : Column.LineScan;

    internal override bool GivesTotal => false;

    internal override void Update(IReadOnlyList<TaskInput> tasks, long now)
    {
        if (_files.Epochs.Length == 0)
            _files.Make(now);
        using (var journal = new FileStream(_files.Journal, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            ReadOnlySpan<byte> lines = LineWriting.Lines(tasks.Where(task => task.End is not null)).Span;
            if (isBuffered)
                journal.Write(lines);
            else
                LineWriting.ByPieces(lines, journal);
            Posix.Sync(journal);
        }

        byte[] active = File.ReadAllBytes(_files.Active);
        ScanFiles.ReplaceWhole(_files.Active, [.. active, .. LineWriting.Lines(tasks.Where(task => task.End is null)).Span]);
        foreach (TaskInput task in tasks.Where(task => task.End is not null))
            Advance(task);
        ScanFiles.ReplaceWhole(_files.State, LineWriting.State(_cutoffs).Span);
        if (new FileInfo(_files.Journal).Length > JournalBytesMax)
            Apply();
    }

    internal override void Apply()
    {
        ScanLine[] journal = Sorted(_files.Journal);
        int done = 0;
        for (int i = 0; i < _files.Epochs.Length && done < journal.Length; i++)
        {
            int end = done;
            while (end < journal.Length && (i == _files.Epochs.Length - 1 || journal[end].Start >= _files.Epochs[i]))
                end++;
            if (end > done)
                _files.Replace(i, Zip(i, journal[done..end]));
            done = end;
        }

        using var file = new FileStream(_files.Journal, FileMode.Truncate);
        Posix.Sync(file);
    }

    internal override Answer List(TaskQuery query, bool withTotal)
    {
        var filter = new ScanFilter(query);
        ScanLine? after = query.After is { } upid ? Key(upid) : null;
        Utf8JsonWriter json = _answer.Begin();
        long total = 0;
        long behind = 0;
        int given = 0;
        string? last = null;
        json.WriteStartArray();
        using ScanMerge lines = Open(query);
        while (lines.MoveNext())
        {
            ScanLine line = lines.Current;
            if (!filter.Matches(line, out UpidParts parts))
                continue;
            total++;
            if ((after is { } key && ScanLine.Compare(line, key) <= 0) || ++behind <= query.Start || given == query.Limit)
                continue;
            RowJson.Write(json, line.Upid.Span, parts, line.End, line.Status.Span, line.HasStatus);
            if (++given == query.Limit)
            {
                last = Encoding.UTF8.GetString(line.Upid.Span);
                if (!withTotal)
                    break;
            }
        }

        json.WriteEndArray();
        return new Answer(_answer.Bytes, given, last, withTotal ? total : null);
    }

    internal override ReadOnlyMemory<byte> Statistics(TaskQuery query)
    {
        var filter = new ScanFilter(query);
        var table = new StatisticsTable();
        using ScanMerge lines = Open(query);
        while (lines.MoveNext())
        {
            ScanLine line = lines.Current;
            if (filter.Matches(line, out UpidParts parts))
                table.Add(parts.WorkerType, parts.Remote, (int)StatusText.ClassOf(line.End, line.Status.Span));
        }

        table.Write(_answer.Begin());
        return _answer.Bytes;
    }

    internal override long Count(TaskQuery query)
    {
        var filter = new ScanFilter(query);
        long count = 0;
        using ScanMerge lines = Open(query);
        while (lines.MoveNext())
        {
            if (filter.Matches(lines.Current, out _))
                count++;
        }

        return count;
    }

    public override void Dispose() => _answer.Dispose();

    private static ScanLine Key(string upid)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(upid);
        _ = UpidParts.TryParse(bytes, out UpidParts parts);
        return new ScanLine { Upid = bytes, Start = parts.Start };
    }

    private static ScanLine[] Sorted(params string[] files)
    {
        var lines = new List<ScanLine>();
        var parser = new ScanParser();
        foreach (string file in files)
        {
            using var stream = new LineStream(File.OpenRead(file));
            while (stream.TryRead(out ReadOnlyMemory<byte> line))
                lines.Add(parser.Parse(line).Detach());
        }

        lines.Sort(static (left, right) => ScanLine.Compare(left, right));
        return [.. lines];
    }

    /// <summary>Running tasks are asked of their own file alone.</summary>
    private ScanMerge Open(TaskQuery query) => query.Scope == TaskScope.Running
        ? new ScanMerge(new ScanFiles(Directory), Sorted(_files.Active))
        : new ScanMerge(_files, Sorted(_files.Journal, _files.Active));

    private IEnumerable<ReadOnlyMemory<byte>> Zip(int index, ScanLine[] rows)
    {
        using var lines = new ScanMerge(_files, rows, index);
        while (lines.MoveNext())
            yield return lines.Current.Bytes;
    }

    private void Advance(in TaskInput task)
    {
        int bang = task.Upid.IndexOf('!', StringComparison.Ordinal);
        string remote = task.Upid[4..bang];
        int node = task.Upid.IndexOf(':', bang) + 1;
        if (!_cutoffs.TryGetValue(remote, out SortedDictionary<string, long>? nodes))
            _cutoffs[remote] = nodes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        string name = task.Upid[node..task.Upid.IndexOf(':', node)];
        nodes[name] = Math.Max(task.Start, nodes.GetValueOrDefault(name));
    }
}
