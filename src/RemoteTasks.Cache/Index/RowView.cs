using System.Buffers;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Index;

/// <summary>
/// Makes tasks from the columns of an archive, without reading their lines: nearly all tasks have nothing that columns do not tell. Members of
/// a line that are not a task's are not in it. One thread.
/// </summary>
internal sealed class RowView(ArchiveColumns columns)
{
    /// <summary>In place of a duration: the line has to be read.</summary>
    internal const uint NeedsLine = ushort.MaxValue;

    /// <summary>Larger ones need the line; Linux gives none above 2^22.</summary>
    internal const uint PidMax = 0xFFFFFF;

    private const int UpidBytesMax = 512;

    // Text that JSON escapes.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    private readonly ColumnData[] _columns = columns.All();
    private readonly IndexDictionary[] _dictionaries = columns.Dictionaries();
    private readonly byte[] _upid = new byte[UpidBytesMax];

    /// <summary>What column <see cref="TaskColumn.Duration"/> says of a task.</summary>
    internal static uint DurationOf(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        return line.EndTime - line.StartTime is >= 0 and < NeedsLine and var seconds
            && line.HasStatus == !line.Status.IsEmpty && upid.Length <= UpidBytesMax
            && (line.Fields.IsBackupServer || line.Fields.Pid <= PidMax) && UpidParts.AreEnough(line.Fields, upid)
            ? (uint)seconds : NeedsLine;
    }

    /// <summary>The task of a row, all but its line, valid until the next call; false when only the line tells.</summary>
    internal bool TryRead(int row, out TaskLine line)
    {
        line = default;
        uint duration = _columns[(int)TaskColumn.Duration][row];
        uint process = _columns[(int)TaskColumn.Process][row];
        if (duration == NeedsLine)
            return false;
        bool isBackupServer = IndexKeys.ReadNode(ValueOf(TaskColumn.Node, row).Span, out ReadOnlySpan<byte> remote, out ReadOnlySpan<byte> node);
        if (isBackupServer && process >= _dictionaries[(int)TaskColumn.Process].Count)
            return false;
        uint start = _columns[(int)TaskColumn.Start][row];
        uint serial = _columns[(int)TaskColumn.Serial][row];
        (uint pid, uint pstart) = isBackupServer ? IndexKeys.ReadProcess(_dictionaries[(int)TaskColumn.Process][(int)process]) : (process, serial);
        var parts = new UpidParts
        {
            IsBackupServer = isBackupServer,
            Remote = remote,
            Node = node,
            Pid = pid,
            PStart = pstart,
            TaskId = isBackupServer ? serial : 0,
            StartTime = start,
            WorkerType = ValueOf(TaskColumn.Type, row).Span,
            WorkerId = ValueOf(TaskColumn.WorkerId, row).Span[1..],
            User = ValueOf(TaskColumn.User, row).Span,
        };
        if (parts.BytesMax > UpidBytesMax)
            return false;
        int length = parts.Write(_upid, out UpidFields fields);
        ReadOnlyMemory<byte> status = ValueOf(TaskColumn.Status, row);
        line = new TaskLine
        {
            Upid = _upid.AsMemory(0, length),
            Fields = fields,
            StartTime = start,
            EndTime = start + (long)duration,
            Status = status,
            HasStatus = !status.IsEmpty,
            IsPlain = !_upid.AsSpan(0, length).ContainsAny(Escaped) && !status.Span.ContainsAny(Escaped),
        };
        return true;
    }

    private ReadOnlyMemory<byte> ValueOf(TaskColumn column, int row) => _dictionaries[(int)column].ValueOf((int)_columns[(int)column][row]);
}
