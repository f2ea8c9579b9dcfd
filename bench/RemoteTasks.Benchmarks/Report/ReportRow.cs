using RemoteTasks.Benchmarks.Compare;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>One row of the result: what was measured, by engine. Less is always better.</summary>
/// <param name="Name">For people.</param>
/// <param name="Unit"><c>ms</c>, <c>s</c>, <c>MiB</c> or <c>B/task</c>.</param>
/// <param name="Goal">Times better than the line scan; null where nothing was promised.</param>
internal sealed record ReportRow(string Name, string Unit, double? Goal)
{
    /// <summary>An upper bound in the row's unit; null where there is none.</summary>
    internal double? GoalMax { get; init; }

    /// <summary>By the engine's name.</summary>
    internal Dictionary<string, Sample> Samples { get; } = [];

    /// <summary>How many times better the product is than another engine: minima compared, since noise only adds.</summary>
    internal double? Ratio(string engine) =>
        Samples.TryGetValue(engine, out Sample? other) && Samples.TryGetValue(Column.RemoteTasks, out Sample? own) && own.Min > 0 ? other.Min / own.Min : null;

    /// <summary>Null where nothing was promised.</summary>
    internal bool? IsMet =>
        Goal is null && GoalMax is null ? null
        : !(Ratio(Column.LineScan) < Goal) && !(Samples[Column.RemoteTasks].Median > GoalMax);
}

/// <summary>Names of what is compared.</summary>
internal static class Column
{
    internal const string RemoteTasks = "RemoteTasks";
    internal const string LineScan = "line scan";
    internal const string Sqlite = "SQLite";

    /// <summary>The line scan with a journal that is written at once, which the reference's is not: where it makes a difference.</summary>
    internal const string BufferedScan = "line scan, buffered";

    /// <summary>SQLite without a total: a page alone.</summary>
    internal const string SqliteRows = "SQLite, rows only";
}
