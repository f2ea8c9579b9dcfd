using System.Buffers.Binary;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Index;

/// <summary>Makes an index while lines pass by in order: on the way into an archive, or when one is read that has no index.</summary>
internal sealed class IndexBuilder
{
    private readonly ColumnBuilder[] _columns;
    private readonly IndexDictionary[] _dictionaries;
    private readonly List<int> _blockRows = [];
    private byte[] _key = new byte[256];

    /// <param name="from">The archive whose rows will be taken over, if any: what it has ids for keeps them.</param>
    /// <param name="more">How many rows will come to them, as far as that is known.</param>
    internal IndexBuilder(ArchiveColumns? from = null, int more = 0)
    {
        _columns = [.. Enum.GetValues<TaskColumn>().Select(column => new ColumnBuilder(WidthOf(column, from), from is null ? 0 : from.Rows + more))];
        _dictionaries = [.. Enum.GetValues<TaskColumn>().Select(column => from?.Dictionary(column).Copy() ?? new IndexDictionary())];
    }

    internal int Rows => _columns[0].Rows;

    /// <summary>The rows that follow lie in a new block.</summary>
    internal void BeginBlock() => _blockRows.Add(Rows);

    internal void Add(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        byte kind = fields.IsBackupServer ? IndexKeys.BackupServer : IndexKeys.VirtualEnvironment;
        Put(TaskColumn.Start, (uint)line.StartTime);
        Put(TaskColumn.Class, (uint)line.Class);
        Put(TaskColumn.Node, Id(TaskColumn.Node, kind, fields.Remote.Of(upid), fields.Node.Of(upid)));
        Put(TaskColumn.Type, (uint)_dictionaries[(int)TaskColumn.Type].IdOf(fields.WorkerType.Of(upid)));
        Put(TaskColumn.User, (uint)_dictionaries[(int)TaskColumn.User].IdOf(fields.User.Of(upid)));
        Put(TaskColumn.WorkerId, Id(TaskColumn.WorkerId, kind, fields.WorkerId.Of(upid), default));
        Put(TaskColumn.Status, (uint)_dictionaries[(int)TaskColumn.Status].IdOf(line.Status.Span));
        Put(TaskColumn.Process, fields.IsBackupServer ? ProcessId(fields) : fields.Pid & RowView.PidMax);
        Put(TaskColumn.Serial, SerialOf(fields));
        Put(TaskColumn.Duration, RowView.DurationOf(line));
    }

    /// <summary>Takes over rows of the archive it was begun with.</summary>
    internal void AddRows(ColumnData[] source, int from, int to)
    {
        for (int i = 0; i < source.Length; i++)
            _columns[i].AddRange(source[i], from, to);
    }

    /// <summary>The finished index.</summary>
    internal IndexData Build() => new(Rows, [.. _columns.Select(column => column.Build())], _dictionaries, [.. _blockRows]);

    /// <summary>What column <see cref="TaskColumn.Serial"/> has of a UPID.</summary>
    internal static uint SerialOf(in UpidFields fields) => (uint)(fields.IsBackupServer ? fields.TaskId : fields.PStart);

    private static int WidthOf(TaskColumn column, ArchiveColumns? from) => column switch
    {
        TaskColumn.Start or TaskColumn.Serial => 4,
        TaskColumn.Process => 3,
        TaskColumn.Duration => 2,
        _ => from is { Rows: > 0 } ? from.Column(column).Width : 1,
    };

    private void Put(TaskColumn column, uint value) => _columns[(int)column].Add(value);

    private uint Id(TaskColumn column, byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = IndexKeys.Write(ref _key, kind, first, second);
        return (uint)_dictionaries[(int)column].IdOf(_key.AsSpan(0, length));
    }

    private uint ProcessId(in UpidFields fields)
    {
        Span<byte> value = stackalloc byte[IndexKeys.ProcessBytes];
        IndexKeys.WriteProcess(value, fields.Pid, (uint)fields.PStart);
        return (uint)_dictionaries[(int)TaskColumn.Process].IdOf(value);
    }
}

/// <summary>A whole index in memory.</summary>
/// <param name="Rows">Rows of the archive, in its order.</param>
/// <param name="Columns">By <see cref="TaskColumn"/>.</param>
/// <param name="Dictionaries">By <see cref="TaskColumn"/>; empty for columns without ids.</param>
/// <param name="BlockRows">The first row of each block.</param>
internal sealed record IndexData(int Rows, ColumnData[] Columns, IndexDictionary[] Dictionaries, int[] BlockRows) : IColumnSource
{
    public bool HasGoneBad => false;

    public ColumnData Column(TaskColumn column) => Columns[(int)column];

    public IndexDictionary Dictionary(TaskColumn column) => Dictionaries[(int)column];
}

/// <summary>How values are spelled in dictionaries.</summary>
internal static class IndexKeys
{
    internal const byte VirtualEnvironment = (byte)'e';
    internal const byte BackupServer = (byte)'s';

    /// <summary>The kind, the first part, and behind a NUL, which no UPID field of these has, the second when there is one.</summary>
    internal static int Write(ref byte[] target, byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = 1 + first.Length + (second.IsEmpty ? 0 : 1 + second.Length);
        if (target.Length < length)
            target = new byte[length * 2];
        target[0] = kind;
        first.CopyTo(target.AsSpan(1));
        if (!second.IsEmpty)
        {
            target[1 + first.Length] = 0;
            second.CopyTo(target.AsSpan(2 + first.Length));
        }

        return length;
    }

    /// <summary>Kind, remote and node of a value of <see cref="TaskColumn.Node"/>.</summary>
    internal static bool ReadNode(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> remote, out ReadOnlySpan<byte> node)
    {
        int end = value.IndexOf((byte)0);
        remote = value[1..end];
        node = value[(end + 1)..];
        return value[0] == BackupServer;
    }

    /// <summary>Whether a dictionary may hold a value for a column: what sums do not tell, since anybody can make them.</summary>
    internal static bool IsValue(TaskColumn column, ReadOnlySpan<byte> value) => column switch
    {
        TaskColumn.Node => value.IndexOf((byte)0) > 0,
        TaskColumn.WorkerId => !value.IsEmpty,
        TaskColumn.Process => value.Length == ProcessBytes,
        _ => true,
    };

    internal const int ProcessBytes = 8;

    /// <summary>A Backup Server's process: its id, and when it began, in jiffies.</summary>
    internal static void WriteProcess(Span<byte> target, uint pid, uint pstart)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, pid);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], pstart);
    }

    internal static (uint Pid, uint PStart) ReadProcess(ReadOnlySpan<byte> value) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(value), BinaryPrimitives.ReadUInt32LittleEndian(value[4..]));
}
