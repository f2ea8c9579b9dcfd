using System.IO.Hashing;

namespace RemoteTasks.Cache.Files;

/// <summary>The tasks of a batch as lines: the finished ones as they are to be appended to the journal, in their order, the running ones apart.</summary>
internal sealed class BatchLines : IDisposable
{
    // Below that another thread costs more than it does.
    private const int TasksOfPartMin = 512;

    private readonly LinePart[] _parts;
    private readonly Late<HashSet<ulong>> _hashes;

    private BatchLines(LinePart[] parts)
    {
        _parts = parts;
        _hashes = new Late<HashSet<ulong>>(() => [.. parts.SelectMany(part => part.Hashes)]);
    }

    /// <summary>Finished tasks.</summary>
    internal int Count => _parts.Sum(part => part.Rows.Count);

    internal IEnumerable<TaskLine> Running => _parts.SelectMany(part => part.Running);

    internal IEnumerable<RejectedTask> Rejected => _parts.SelectMany(part => part.Rejected);

    /// <summary>Everything, ready to be appended.</summary>
    internal JournalLines ToAppend() => JournalLines.Of([.. _parts.Select(part => (part.Bytes, part.Rows))]);

    /// <summary>Whether a task may be among the finished ones; hardly ever wrong when it says so, never when it does not.</summary>
    internal bool MayHave(ReadOnlySpan<byte> upid) => _hashes.Value.Contains(HashOf(upid));

    internal SortedLines ToSorted()
    {
        var collector = new LineCollector(Count);
        var parser = new LineParser();
        foreach (LinePart part in _parts)
        {
            foreach (JournalRow row in part.Rows)
            {
                if (row.UpidLength > 0)
                    collector.Add(part.Array, row);
                else if (parser.TryParse(part.Array.AsMemory((int)row.Offset, row.Length), out TaskLine line, out string? problem))
                    collector.Add(line);
                else
                    throw new InvalidOperationException($"A line that was understood no longer is: {problem}.");
            }
        }

        return collector.ToSorted();
    }

    /// <param name="first">Lines of finished tasks that come before those of the batch.</param>
    /// <param name="tasks">The batch.</param>
    internal static BatchLines Of(IEnumerable<TaskLine> first, IReadOnlyList<TaskRecord> tasks)
    {
        int count = Math.Clamp(tasks.Count / TasksOfPartMin, 1, Environment.ProcessorCount);
        var parts = new LinePart[count];
        parts[0] = new LinePart();
        foreach (TaskLine line in first)
            parts[0].Add(line);
        SideBySide.Run(count, i =>
        {
            LinePart part = parts[i] ??= new LinePart();
            part.Add(tasks, (int)((long)tasks.Count * i / count), (int)((long)tasks.Count * (i + 1) / count));
        });
        return new BatchLines(parts);
    }

    /// <summary>Gives the memory of the lines back: nothing that came from here may be used any more.</summary>
    public void Dispose()
    {
        foreach (LinePart part in _parts)
            part.Dispose();
    }

    internal static ulong HashOf(ReadOnlySpan<byte> upid) => XxHash3.HashToUInt64(upid);
}

/// <summary>Lines made from some neighbours of a batch.</summary>
internal sealed class LinePart : IDisposable
{
    // What a line of average length needs; the room grows where it is too small.
    private const int BytesOfLine = 192;

    private readonly LineParser _parser = new();
    private byte[] _bytes = [];
    private int _length;

    internal List<JournalRow> Rows { get; } = [];

    internal List<ulong> Hashes { get; } = [];

    internal List<TaskLine> Running { get; } = [];

    internal List<RejectedTask> Rejected { get; } = [];

    internal byte[] Array => _bytes;

    internal ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    public void Dispose() => Lent.Return(ref _bytes);

    /// <summary>Takes over a finished task's line.</summary>
    internal void Add(in TaskLine line)
    {
        ReadOnlySpan<byte> bytes = ArchiveWriter.Encode(line);
        MakeRoom(bytes.Length + 1);
        bytes.CopyTo(_bytes.AsSpan(_length));
        Keep(line, bytes.Length);
    }

    internal void Add(IReadOnlyList<TaskRecord> tasks, int from, int to)
    {
        MakeRoom((to - from) * BytesOfLine);
        Rows.EnsureCapacity(Rows.Count + to - from);
        Hashes.EnsureCapacity(Hashes.Count + to - from);
        for (int i = from; i < to; i++)
        {
            if (!TryWrite(tasks[i], out TaskLine line, out string? problem))
                Rejected.Add(new RejectedTask(i, problem!));
            else if (line.IsRunning)
                Running.Add((line.IsOldForm ? line with { Bytes = LineWriter.WithUpid(line, line.Upid.Span), IsOldForm = false } : line).Detach());
            else if (line.IsOldForm)
                Add(line.Detach());
            else
                Keep(line, line.Bytes.Length);
        }
    }

    /// <summary>The line is in its place: it stays.</summary>
    private void Keep(in TaskLine line, int length)
    {
        Rows.Add(JournalRow.Of(line, length, _length));
        Hashes.Add(BatchLines.HashOf(line.Upid.Span));
        _bytes[_length + length] = (byte)'\n';
        _length += length + 1;
    }

    /// <summary>Writes a task's line behind the others, where the next one will overwrite it unless it is kept; false when it is none.</summary>
    private bool TryWrite(TaskRecord task, out TaskLine line, out string? problem)
    {
        MakeRoom(task.Upid.Length + (task.Status?.Length ?? 0) + LineWriter.RoomForTheRest + 1);
        if (task.Line is null && LineWriter.TryWritePlain(task, _bytes.AsMemory(_length), out line))
            return LineParser.Checked(ref line, out problem);
        byte[] bytes = task.ToLine();
        MakeRoom(bytes.Length + 1);
        bytes.CopyTo(_bytes, _length);
        return _parser.TryParse(_bytes.AsMemory(_length, bytes.Length), out line, out problem);
    }

    private void MakeRoom(int bytes)
    {
        if (_length + bytes > _bytes.Length)
            Lent.Grow(ref _bytes, _length, Math.Max(_length + bytes, 2 * _bytes.Length));
    }
}
