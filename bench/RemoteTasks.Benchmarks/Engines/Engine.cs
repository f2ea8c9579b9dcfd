using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.LineScan;
using RemoteTasks.Benchmarks.Sqlite;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Engines;

/// <summary>One way to keep the tasks and answer for them: RemoteTasks, a scan of lines (its journal by pieces or buffered), SQLite.</summary>
internal abstract class Engine(string directory) : IDisposable
{
    internal static Engine Open(EngineKind kind, string directory) => kind switch
    {
        EngineKind.RemoteTasks => new RemoteTasksEngine(directory),
        EngineKind.LineScan => new LineScanEngine(directory),
        EngineKind.BufferedScan => new LineScanEngine(directory, isBuffered: true),
        EngineKind.Sqlite => new SqliteEngine(directory),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal abstract string Name { get; }

    /// <summary>Whether an answer's total comes with the page. A scan that stops at the page's end has none.</summary>
    internal virtual bool GivesTotal => true;

    /// <summary>Whether an answer may be kept for the next who asks the same: then a new question has to differ.</summary>
    internal virtual bool MayKeepAnswers => false;

    /// <summary>Whether an engine that can shall answer from what it kept: only where the same is asked again.</summary>
    internal bool UsesKeptAnswers { get; set; }

    protected string Directory { get; } = directory;

    /// <summary>Bytes of all files.</summary>
    internal long DiskBytes => new DirectoryInfo(Directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <summary>Stores tasks durably, as one round of polling would. Serves the first fill and every update after it.</summary>
    internal abstract void Update(IReadOnlyList<TaskInput> tasks, long now);

    /// <summary>Brings what updates only noted into the shape that queries read fastest.</summary>
    internal abstract void Apply();

    /// <summary>After the first fill: what is done once.</summary>
    internal virtual void Settle() => Apply();

    /// <summary>Rows as the JSON array of a REST answer. Total: of all matching tasks, where it is asked for.</summary>
    internal abstract Answer List(TaskQuery query, bool withTotal);

    /// <summary>Counts by worker type and by remote, as JSON.</summary>
    internal abstract ReadOnlyMemory<byte> Statistics(TaskQuery query);

    internal abstract long Count(TaskQuery query);

    public abstract void Dispose();
}

/// <summary>The engines.</summary>
internal enum EngineKind
{
    RemoteTasks,
    LineScan,
    BufferedScan,
    Sqlite,
}

/// <summary>A page: its rows as JSON (valid until the engine's next answer), their number, the last one's UPID, how many match in all.</summary>
internal readonly record struct Answer(ReadOnlyMemory<byte> Json, int Rows, string? Last, long? Total);
