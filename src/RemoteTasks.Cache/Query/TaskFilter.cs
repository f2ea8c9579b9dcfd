using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Query;

/// <summary>
/// A query made ready to be asked of many values: of whole lines, or of the values that a dictionary holds, one part of a line at a time.
/// A line matches when each of its parts does, and the text is in one of them.
/// </summary>
internal sealed class TaskFilter
{
    private readonly byte[]? _remote;
    private readonly byte[]? _node;
    private readonly byte[]? _type;
    private readonly byte[]? _user;
    private readonly byte[]? _upidText;
    private readonly TextMatcher? _text;
    private readonly string? _guest;
    private readonly byte[]? _guestBytes;
    private readonly int _statuses;

    internal TaskFilter(TaskQuery query)
    {
        Query = query;
        _remote = Bytes(query.Remote);
        _node = Bytes(query.Node);
        _type = Bytes(query.Type);
        _user = Bytes(query.User);
        if (query.Text?.Contains("UPID:", StringComparison.Ordinal) == true)
            _upidText = Bytes(query.Text);
        else if (query.Text is not null)
            _text = new TextMatcher(query.Text);
        _guest = query.Guest?.ToString();
        _guestBytes = Bytes(_guest);
        _statuses = query.Statuses is { Count: > 0 } wanted
            ? wanted.Aggregate(0, (set, status) => set | (1 << (int)status))
            : ~0;
        object?[] parts = [query.Scope, query.Errors, _statuses, _guest, query.Remote, query.Node, query.Type, query.User, query.WorkerId, query.Text];
        Key = new FilterKey(string.Concat(parts.Select(part => part is null ? "-|" : $"{part.ToString()!.Length}:{part}|")));
    }

    internal TaskQuery Query { get; }

    /// <summary>Equal for filters that let the same tasks through, but for times: those, and the place of a page, are not in it.</summary>
    internal FilterKey Key { get; }

    internal bool HasNode => _remote is not null || _node is not null;

    internal bool HasType => _type is not null;

    internal bool HasUser => _user is not null;

    internal bool HasWorkerId => Query.WorkerId is not null || _guest is not null;

    /// <summary>Whether a text is looked for in the parts of a line.</summary>
    internal bool HasText => _text is not null;

    /// <summary>Whether only the whole line can tell.</summary>
    internal bool NeedsUpid => _upidText is not null;

    private bool LooksAtUpids => HasNode || HasType || HasUser || HasWorkerId || HasText || NeedsUpid;

    /// <summary>Whether a line matches, whatever its start time.</summary>
    internal bool MatchesAtAnyTime(in TaskLine line)
    {
        if (!MatchesClass(line.Class))
            return false;
        if (!LooksAtUpids)
            return true;
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        ReadOnlySpan<byte> remote = fields.Remote.Of(upid);
        ReadOnlySpan<byte> node = fields.Node.Of(upid);
        ReadOnlySpan<byte> type = fields.WorkerType.Of(upid);
        ReadOnlySpan<byte> user = fields.User.Of(upid);
        ReadOnlySpan<byte> workerId = fields.WorkerId.Of(upid);
        return MatchesNode(remote, node) && MatchesType(type) && MatchesUser(user) && MatchesWorkerId(workerId, fields.IsBackupServer)
            && MatchesUpid(upid)
            && (!HasText || TextIn(remote) || TextIn(node) || TextIn(type) || TextIn(user) || TextIn(line.Status.Span)
                || TextInWorkerId(workerId, fields.IsBackupServer));
    }

    internal bool MatchesClass(StatusClass status) =>
        (_statuses & (1 << (int)status)) != 0
        && !(Query.Errors && status == StatusClass.Ok)
        && (Query.Scope == TaskScope.All || (status == StatusClass.Running) == (Query.Scope == TaskScope.Running));

    internal bool MatchesNode(ReadOnlySpan<byte> remote, ReadOnlySpan<byte> node) =>
        (_remote is null || remote.SequenceEqual(_remote)) && (_node is null || node.SequenceEqual(_node));

    internal bool MatchesType(ReadOnlySpan<byte> type) => _type is null || type.IndexOf(_type) >= 0;

    internal bool MatchesUser(ReadOnlySpan<byte> user) => _user is null || user.IndexOf(_user) >= 0;

    internal bool MatchesWorkerId(ReadOnlySpan<byte> raw, bool isBackupServer)
    {
        if (Query.WorkerId is null && _guest is null)
            return true;

        // Most ids are no guest's without being read any further.
        if (_guestBytes is not null && !WorkerIds.MayHaveDigits(raw, isBackupServer, _guestBytes))
            return false;
        string? shown = WorkerIds.Display(raw, isBackupServer);
        return (Query.WorkerId is null || (shown ?? "") == Query.WorkerId)
            && (_guest is null || WorkerIds.IsGuest(shown, isBackupServer, _guest));
    }

    internal bool MatchesUpid(ReadOnlySpan<byte> upid) => _upidText is null || upid.IndexOf(_upidText) >= 0;

    internal bool TextIn(ReadOnlySpan<byte> field) => _text!.IsIn(field);

    internal bool TextInWorkerId(ReadOnlySpan<byte> raw, bool isBackupServer) =>
        isBackupServer && raw.IndexOfAny((byte)'-', (byte)'\\') >= 0
            ? TextIn(Encoding.UTF8.GetBytes(WorkerIds.Display(raw, isBackupServer)!))
            : TextIn(raw);

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}

/// <summary>What tells filters apart. Hashed once, however many archives are asked.</summary>
internal sealed class FilterKey(string text) : IEquatable<FilterKey>
{
    private readonly int _hash = text.GetHashCode(StringComparison.Ordinal);
    private readonly string _text = text;

    public bool Equals(FilterKey? other) => ReferenceEquals(this, other) || (other is not null && other._hash == _hash && other._text == _text);

    public override bool Equals(object? obj) => Equals(obj as FilterKey);

    public override int GetHashCode() => _hash;
}
