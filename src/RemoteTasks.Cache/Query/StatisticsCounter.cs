using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Query;

/// <summary>Counts lines by worker type, remote and node.</summary>
internal sealed class StatisticsCounter
{
    private readonly Dictionary<string, long[]> _byType = [];
    private readonly Dictionary<string, long[]> _byRemote = [];
    private readonly Dictionary<string, long[]> _byNode = [];
    private readonly long[] _all = new long[StatusClasses.Count];

    // Not on the stack: a name is as long as a remote makes it.
    private char[] _key = new char[256];

    internal void Add(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        int status = (int)line.Class;
        _all[status]++;
        Count(_byType, fields.WorkerType.Of(upid), default)[status]++;
        Count(_byRemote, fields.Remote.Of(upid), default)[status]++;
        Count(_byNode, fields.Remote.Of(upid), fields.Node.Of(upid))[status]++;
    }

    internal TaskStatistics Result(IReadOnlyList<UnknownSpan> unknown) => new(
        Counts(_all),
        _byType.ToDictionary(entry => entry.Key, entry => Counts(entry.Value)),
        _byRemote.ToDictionary(entry => entry.Key, entry => Counts(entry.Value)),
        _byNode.ToDictionary(
            entry => (entry.Key[..entry.Key.IndexOf('/')], entry.Key[(entry.Key.IndexOf('/') + 1)..]),
            entry => Counts(entry.Value)),
        unknown);

    /// <summary>The counters of a name (or of <c>name/second</c>: neither a remote nor a node has a slash).</summary>
    private long[] Count(Dictionary<string, long[]> counters, ReadOnlySpan<byte> name, ReadOnlySpan<byte> second)
    {
        if (_key.Length < name.Length + second.Length + 1)
            _key = new char[2 * (name.Length + second.Length + 1)];
        Span<char> key = _key;
        int length = Encoding.UTF8.GetChars(name, key);
        if (!second.IsEmpty)
        {
            key[length++] = '/';
            length += Encoding.UTF8.GetChars(second, key[length..]);
        }

        Dictionary<string, long[]>.AlternateLookup<ReadOnlySpan<char>> lookup = counters.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(key[..length], out long[]? counts))
            lookup[key[..length]] = counts = new long[StatusClasses.Count];
        return counts;
    }

    private static StatusCounts Counts(long[] counts) => new(
        counts[(int)StatusClass.Ok],
        counts[(int)StatusClass.Warning],
        counts[(int)StatusClass.Error],
        counts[(int)StatusClass.Unknown],
        counts[(int)StatusClass.Running]);
}
