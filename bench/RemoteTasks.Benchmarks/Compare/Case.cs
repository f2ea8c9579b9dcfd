using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Cache;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>How much is asked of an engine.</summary>
internal enum Asked
{
    /// <summary>The rows alone.</summary>
    Rows,

    /// <summary>The rows, and how many match in all.</summary>
    RowsAndTotal,

    /// <summary>Everything, to be compared with the other engines.</summary>
    All,
}

/// <summary>What came of a case: JSON (valid until the engine's next answer) and a number.</summary>
internal readonly record struct Outcome(ReadOnlyMemory<byte> Json, long? Total);

/// <summary>One row of the table: something that all engines are asked.</summary>
/// <param name="Name">For people.</param>
/// <param name="Goal">How many times faster than the line scan it has to be; null where nothing was promised.</param>
/// <param name="Run">Asks an engine; the number of the run tells runs apart.</param>
internal sealed record Case(string Name, double? Goal, Func<Engine, int, Asked, Outcome> Run)
{
    private const long FarAhead = 1_000_000;

    /// <summary>A page, by a query that was not asked before.</summary>
    internal static Case List(string name, double? goal, TaskQuery query, long end) =>
        new(name, goal, (engine, run, asked) => Page(engine, Unasked(engine, query, end, run), asked, isSame: false));

    /// <summary>A page, by the same query each time, with nothing changed in between.</summary>
    internal static Case Same(string name, double? goal, TaskQuery query) => new(name, goal, (engine, _, asked) => Page(engine, query, asked, isSame: true));

    internal static Case Statistics(string name, double? goal, TaskQuery query, long end) =>
        new(name, goal, (engine, run, _) => new Outcome(engine.Statistics(Unasked(engine, query, end, run)), Total: null));

    internal static Case Count(string name, double? goal, TaskQuery query, long end) =>
        new(name, goal, (engine, run, _) => new Outcome(default, engine.Count(Unasked(engine, query, end, run))));

    /// <summary>Every page of a list, each continuing behind the last row of the one before. The total is asked for once.</summary>
    internal static Case Pages(string name, double? goal, TaskQuery query, long end) =>
        new(name, goal, (engine, run, asked) =>
        {
            engine.UsesKeptAnswers = false;
            TaskQuery next = Unasked(engine, query, end, run);
            using var all = new MemoryStream();
            long rows = 0;
            Asked now = asked;
            while (true)
            {
                Answer answer = engine.List(next, now != Asked.Rows);
                rows += answer.Rows;
                if (asked == Asked.All)
                    all.Write(answer.Json.Span);
                if (answer.Rows < query.Limit)
                    return new Outcome(asked == Asked.All ? all.ToArray() : answer.Json, rows);
                next = next with { After = answer.Last };
                now = Asked.Rows;
            }
        });

    /// <summary>The same question in words of its own: a bound in the far future, where an engine might know the answer by heart.</summary>
    private static TaskQuery Unasked(Engine engine, TaskQuery query, long end, int run) =>
        engine.MayKeepAnswers && query.Until is null ? query with { Until = end + FarAhead + run } : query;

    private static Outcome Page(Engine engine, TaskQuery query, Asked asked, bool isSame)
    {
        engine.UsesKeptAnswers = isSame;
        Answer answer = engine.List(query, asked != Asked.Rows);
        return new Outcome(answer.Json, answer.Total);
    }
}
