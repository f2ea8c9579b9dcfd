using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Query;

/// <summary>A query made ready to be asked of many lines.</summary>
internal sealed class TaskFilter
{
    private readonly TaskQuery _query;
    private readonly byte[]? _remote;
    private readonly byte[]? _node;
    private readonly byte[]? _type;
    private readonly byte[]? _user;
    private readonly byte[]? _text;
    private readonly bool _textIsUpid;
    private readonly string? _guest;
    private readonly int _statuses;
    private byte[] _lowered = new byte[256];

    internal TaskFilter(TaskQuery query)
    {
        _query = query;
        _remote = Bytes(query.Remote);
        _node = Bytes(query.Node);
        _type = Bytes(query.Type);
        _user = Bytes(query.User);
        _textIsUpid = query.Text?.Contains("UPID:", StringComparison.Ordinal) == true;
        _text = Bytes(query.Text);
        if (_text is not null && !_textIsUpid)
            Lower(_text, _text);
        _guest = query.Guest?.ToString();
        _statuses = query.Statuses is { Count: > 0 } wanted
            ? wanted.Aggregate(0, (set, status) => set | (1 << (int)status))
            : ~0;
    }

    internal bool Matches(in TaskLine line)
    {
        if (line.StartTime < _query.Since || line.StartTime > _query.Until)
            return false;
        if (_query.Scope != TaskScope.All && line.IsRunning != (_query.Scope == TaskScope.Running))
            return false;
        StatusClass status = line.Class;
        if ((_statuses & (1 << (int)status)) == 0 || (_query.Errors && status == StatusClass.Ok))
            return false;

        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        return (_remote is null || fields.Remote.Of(upid).SequenceEqual(_remote))
            && (_node is null || fields.Node.Of(upid).SequenceEqual(_node))
            && (_type is null || fields.WorkerType.Of(upid).IndexOf(_type) >= 0)
            && (_user is null || fields.User.Of(upid).IndexOf(_user) >= 0)
            && MatchesWorkerId(upid, fields)
            && MatchesText(line, upid, fields);
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private bool MatchesWorkerId(ReadOnlySpan<byte> upid, in UpidFields fields)
    {
        if (_query.WorkerId is null && _guest is null)
            return true;
        string? shown = WorkerIds.Display(fields.WorkerId.Of(upid), fields.IsBackupServer);
        return (_query.WorkerId is null || (shown ?? "") == _query.WorkerId)
            && (_guest is null || WorkerIds.IsGuest(shown, fields.IsBackupServer, _guest));
    }

    private bool MatchesText(in TaskLine line, ReadOnlySpan<byte> upid, in UpidFields fields)
    {
        if (_text is null)
            return true;
        if (_textIsUpid)
            return upid.IndexOf(_text) >= 0;
        return Contains(fields.Remote.Of(upid)) || Contains(fields.Node.Of(upid)) || Contains(fields.WorkerType.Of(upid))
            || Contains(fields.User.Of(upid)) || Contains(line.Status.Span) || ContainsWorkerId(fields.WorkerId.Of(upid), fields.IsBackupServer);
    }

    private bool ContainsWorkerId(ReadOnlySpan<byte> raw, bool isBackupServer) =>
        isBackupServer && raw.IndexOfAny((byte)'-', (byte)'\\') >= 0
            ? Contains(Encoding.UTF8.GetBytes(WorkerIds.Display(raw, isBackupServer)!))
            : Contains(raw);

    private bool Contains(ReadOnlySpan<byte> field)
    {
        if (field.Length < _text!.Length)
            return false;
        if (_lowered.Length < field.Length)
            _lowered = new byte[field.Length * 2];
        Lower(field, _lowered);
        return _lowered.AsSpan(0, field.Length).IndexOf(_text) >= 0;
    }

    /// <summary>ASCII only, so that the answer does not depend on anybody's language.</summary>
    private static void Lower(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i++)
            target[i] = source[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(source[i] | 0x20) : source[i];
    }
}
