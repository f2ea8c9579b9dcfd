using System.Text;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>
/// The reference's order of tests: remote, then every UPID parsed, running, until, since, user, type, status. What the reference
/// cannot filter by (node, guest, text) comes last.
/// </summary>
internal sealed class ScanFilter(TaskQuery query)
{
    private readonly byte[]? _remote = Bytes(query.Remote);
    private readonly byte[]? _node = Bytes(query.Node);
    private readonly byte[]? _user = Bytes(query.User);
    private readonly byte[]? _type = Bytes(query.Type);
    private readonly byte[]? _text = Bytes(Lower(query.Text));
    private readonly int _statuses = query.Statuses is { Count: > 0 } wanted ? wanted.Aggregate(0, (set, status) => set | (1 << (int)status)) : ~0;

    internal bool Matches(in ScanLine line, out UpidParts parts)
    {
        parts = default;
        ReadOnlySpan<byte> upid = line.Upid.Span;
        if (_remote is not null && !(upid.Length > _remote.Length + 4 && upid[4 + _remote.Length] == (byte)'!' && upid[4..].StartsWith(_remote)))
            return false;
        if (!UpidParts.TryParse(upid, out parts))
            return false;
        if ((query.Scope == TaskScope.Running && line.End is not null) || (query.Scope == TaskScope.Finished && line.End is null))
            return false;
        if (line.Start > query.Until || line.Start < query.Since)
            return false;
        if ((_user is not null && parts.User.IndexOf(_user) < 0) || (_type is not null && parts.WorkerType.IndexOf(_type) < 0))
            return false;
        StatusClass status = StatusText.ClassOf(line.End, line.Status.Span);
        if ((_statuses & (1 << (int)status)) == 0 || (query.Errors && status == StatusClass.Ok))
            return false;
        if (_node is not null && !parts.Node.SequenceEqual(_node))
            return false;
        return (query.Guest is null && _text is null) || MatchesShown(line, parts);
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private static string? Lower(string? text) => text is null ? null : string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c));

    private bool MatchesShown(in ScanLine line, in UpidParts parts)
    {
        Span<byte> buffer = stackalloc byte[parts.WorkerId.Length];
        ReadOnlySpan<byte> shown = ShownId.Of(parts.WorkerId, parts.IsBackupServer, buffer);
        if (query.Guest is { } guest && ShownId.Guest(shown, parts.IsBackupServer) != guest)
            return false;
        return _text is null || Contains(parts.Remote) || Contains(parts.Node) || Contains(parts.WorkerType) || Contains(parts.User)
            || Contains(line.Status.Span) || Contains(shown);
    }

    private bool Contains(ReadOnlySpan<byte> field)
    {
        if (field.Length < _text!.Length)
            return false;
        Span<byte> lower = field.Length <= 512 ? stackalloc byte[field.Length] : new byte[field.Length];
        for (int i = 0; i < field.Length; i++)
            lower[i] = field[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(field[i] | 0x20) : field[i];
        return lower.IndexOf(_text) >= 0;
    }
}
