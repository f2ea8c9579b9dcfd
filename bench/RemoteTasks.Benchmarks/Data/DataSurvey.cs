using System.Text;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>
/// What is in the data: queries are made from it, so that the same rows mean the same on any data. One pass, bounded memory.
/// </summary>
internal sealed class DataSurvey
{
    private const int NamesMax = 100_000;
    private const int SampleMax = 2_000;

    private readonly Dictionary<string, long> _remotes = [];
    private readonly Dictionary<string, long> _nodes = [];
    private readonly Dictionary<string, long> _users = [];
    private readonly Dictionary<string, long> _types = [];
    private readonly Dictionary<string, long> _guests = [];
    private readonly Dictionary<string, long> _failures = [];
    private readonly List<TaskInput> _sample = [];
    private readonly Random _random = new(42);
    private long _finished;

    private DataSurvey()
    {
    }

    internal long Tasks { get; private set; }

    internal long Running { get; private set; }

    internal long Bytes { get; private set; }

    /// <summary>Start of the newest task.</summary>
    internal long End { get; private set; } = long.MinValue;

    /// <summary>Start of the oldest task.</summary>
    internal long Begin { get; private set; } = long.MaxValue;

    internal string CommonRemote => _remotes.MaxBy(entry => entry.Value).Key;

    internal string CommonNode => _nodes.MaxBy(entry => entry.Value).Key;

    internal string CommonType => _types.MaxBy(entry => entry.Value).Key;

    internal string CommonUser => _users.MaxBy(entry => entry.Value).Key;

    /// <summary>A user with about one task in a thousand.</summary>
    internal string RareUser => Nearest(_users)!;

    /// <summary>A guest with about one task in a thousand; null when no task names a guest.</summary>
    internal long? Guest => Nearest(_guests) is { } guest ? long.Parse(guest) : null;

    /// <summary>The beginning of a failure's text as people would type it, or of a worker type where nothing failed.</summary>
    internal string Text => Upper(Nearest(_failures) is { } failure ? failure[..Math.Min(failure.Length, 20)].Trim() : CommonType);

    /// <summary>Finished tasks picked by chance.</summary>
    internal IReadOnlyList<TaskInput> Sample => _sample;

    internal static DataSurvey Of(ITaskData data)
    {
        var survey = new DataSurvey();
        foreach (TaskInput task in data.Read())
            survey.Add(task);
        return survey.Tasks > 0 ? survey : throw new InvalidDataException($"There are no tasks in {data.Description}.");
    }

    private void Add(in TaskInput task)
    {
        byte[] upid = Encoding.UTF8.GetBytes(task.Upid);
        if (!UpidParts.TryParse(upid, out UpidParts parts))
            throw new InvalidDataException($"'{task.Upid}' is no UPID of a remote task.");
        Tasks++;
        Bytes += upid.Length + (task.Status?.Length ?? 0) + 60;
        End = Math.Max(End, task.Start);
        Begin = Math.Min(Begin, task.Start);
        Count(_remotes, parts.Remote);
        Count(_nodes, parts.Node);
        Count(_users, parts.User);
        Count(_types, parts.WorkerType);
        Span<byte> shown = stackalloc byte[parts.WorkerId.Length];
        if (ShownId.Guest(ShownId.Of(parts.WorkerId, parts.IsBackupServer, shown), parts.IsBackupServer) is { } guest)
            Count(_guests, Encoding.UTF8.GetBytes($"{guest}"));
        if (task.End is null)
        {
            Running++;
            return;
        }

        if (StatusText.ClassOf(task.End, task.Status) == StatusClass.Error)
            Count(_failures, Encoding.UTF8.GetBytes(task.Status!));
        Pick(task);
    }

    private static void Count(Dictionary<string, long> names, ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[name.Length];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out long count) || names.Count < NamesMax)
            lookup[text] = count + 1;
    }

    private void Pick(in TaskInput task)
    {
        _finished++;
        if (_sample.Count < SampleMax)
        {
            _sample.Add(task);
            return;
        }

        long place = _random.NextInt64(_finished);
        if (place < SampleMax)
            _sample[(int)place] = task;
    }

    /// <summary>ASCII letters alone match in either case.</summary>
    private static string Upper(string text) => string.Concat(text.Select(c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : c));

    private string? Nearest(Dictionary<string, long> names) =>
        names.Count == 0 ? null : names.MinBy(entry => Math.Abs(Math.Log(entry.Value / (0.001 * Tasks)))).Key;
}
