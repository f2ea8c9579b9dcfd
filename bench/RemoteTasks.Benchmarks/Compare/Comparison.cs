using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.LineScan;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>The run on full engines: check, time each query with the engines in turn, then rounds of update and apply.</summary>
/// <param name="engines">The product first.</param>
/// <param name="writing">Another engine, that is measured where it writes.</param>
/// <param name="survey">What the tasks are like.</param>
/// <param name="say">Takes what is going on.</param>
internal sealed class Comparison(IReadOnlyList<Engine> engines, Engine writing, DataSurvey survey, Action<string> say)
{
    private const int Rounds = 25;

    // The first updates and applies of a process are compiled while they run.
    private const int WarmUpRounds = 2;
    private readonly List<ReportRow> _rows = [];

    internal IReadOnlyList<ReportRow> Rows => _rows;

    /// <summary>Null when all went well; otherwise the first difference between answers.</summary>
    internal string? Run()
    {
        IReadOnlyList<Case> cases = Cases.Of(survey, engines[0]);
        foreach (Case asked in cases)
        {
            say($"checking: {asked.Name}");
            if (AnswerCheck.Difference(asked, engines) is { } difference)
                return difference;
        }

        foreach (Case asked in cases)
            Time(asked);
        return Update();
    }

    private void Time(Case asked)
    {
        say($"timing: {asked.Name}");
        var row = new ReportRow(asked.Name, "ms", asked.Goal);
        foreach (Engine engine in engines)
        {
            Asked how = engine.GivesTotal ? Asked.RowsAndTotal : Asked.Rows;
            row.Samples[engine.Name] = Timing.Repeat(run => asked.Run(engine, run, how));
            if (engine.Name == Column.Sqlite && asked.Run(engine, 0, how).Total is not null)
                row.Samples[Column.SqliteRows] = Timing.Repeat(run => asked.Run(engine, run, Asked.Rows));
        }

        _rows.Add(row);
    }

    private string? Update()
    {
        int tasks = FreshTasks.Round(survey, 0).Count;
        Engine[] all = [.. engines, writing];
        var updates = all.ToDictionary(engine => engine.Name, _ => new List<double>());
        var applies = all.ToDictionary(engine => engine.Name, _ => new List<double>());
        for (int round = 0; round < Rounds; round++)
        {
            say($"update and apply, round {round + 1} of {Rounds}");
            IReadOnlyList<TaskInput> fresh = FreshTasks.Round(survey, round);
            long now = FreshTasks.TimeOf(survey, round);
            InTurn(all, engine => updates[engine.Name].Add(Timing.Once(() => engine.Update(fresh, now))));
            if (round == WarmUpRounds)
            {
                Case asked = Cases.WithJournal(tasks, survey.End);
                if (AnswerCheck.Difference(asked, engines) is { } difference)
                    return difference;
                Time(asked);
            }

            InTurn(all, engine => applies[engine.Name].Add(Timing.Once(engine.Apply)));
        }

        AddRow($"update with {tasks:N0} finished tasks", 15, updates);
        AddRow($"apply {tasks:N0} journal rows", 5, applies);
        return AnswerCheck.Difference(Cases.WithJournal(0, survey.End), engines);
    }

    private static void InTurn(Engine[] all, Action<Engine> run)
    {
        foreach (Engine engine in all)
        {
            // Nor for what another left unwritten: a sync waits for every file of its disk.
            Timing.Clean();
            Posix.SyncAll();
            run(engine);
        }
    }

    private void AddRow(string name, double goal, Dictionary<string, List<double>> values)
    {
        var row = new ReportRow(name, "ms", goal);
        foreach ((string engine, List<double> times) in values)
            row.Samples[engine] = Sample.Of(times[WarmUpRounds..]);
        _rows.Add(row);
    }
}
