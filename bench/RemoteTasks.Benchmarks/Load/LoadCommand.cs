using System.CommandLine;
using RemoteTasks.Benchmarks.Compare;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Load;

/// <summary><c>load</c></summary>
internal static class LoadCommand
{
    private const int WarmUpSeconds = 3;
    private const int WarmUpSeed = 1;
    private const int RoundSeed = 2;

    internal static Command Create()
    {
        var tasks = new Option<long>("--tasks") { Description = "Tasks in the cache.", DefaultValueFactory = _ => 1_500_000 };
        var rate = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => (int)LoadResult.GoalRate };
        var seconds = new Option<int>("--seconds") { Description = "How long each round takes.", DefaultValueFactory = _ => 20 };
        var limit = new Option<int>("--limit") { Description = "Rows of a page.", DefaultValueFactory = _ => 50 };
        var connections = new Option<int>("--connections") { Description = "Connections at a time.", DefaultValueFactory = _ => 32 };
        var json = new Option<string?>("--json") { Description = "Write the result to a file as well." };
        var place = new PlaceOptions();
        var command = new Command("load", "The daemon as a process, asked for lists over HTTP at a steady rate.")
        {
            tasks, rate, seconds, limit, connections, json, place.Directory, place.Keep,
        };
        command.SetAction(parsed =>
        {
            var plan = new LoadPlan(parsed.GetValue(tasks), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(limit), parsed.GetValue(connections));
            if (!plan.IsInRange)
            {
                Console.Error.WriteLine($"A value is out of range: {plan}");
                return 2;
            }

            using WorkPlace work = place.Make(parsed);
            return Run(plan, work.Directory, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(LoadPlan plan, string directory, string? jsonFile)
    {
        foreach ((string name, string value) in RunEnvironment.Describe())
            Console.WriteLine($"{name}: {value}");
        var data = new GeneratedData(plan.Tasks, byTime: false, GeneratedData.DaysOfSevenFiles);
        Console.WriteLine($"data: {data.Description}");
        using (var engine = new RemoteTasksEngine(Path.Combine(directory, "remote-tasks")))
            FirstFill.Run(engine, data, data.End + 1);
        Timing.Clean();
        using DaemonProcess daemon = DaemonProcess.Start(directory);
        IReadOnlyList<LoadResult> results = [.. Rounds(plan, new Questions(plan, data.End), daemon)];
        LoadPrinter.Print(plan, results);
        if (jsonFile is not null)
            LoadJson.Write(jsonFile, plan, results);
        return results.All(result => result.IsMet) ? 0 : 1;
    }

    private static IEnumerable<LoadResult> Rounds(LoadPlan plan, Questions questions, DaemonProcess daemon)
    {
        // Not counted: the daemon's code is being compiled and its upkeep after the start is under way.
        LoadPlan warmUp = plan with { Seconds = WarmUpSeconds };
        LoadRound.Run("warm-up", warmUp, daemon, index => index % 2 == 0 ? questions.Same : questions.Fresh(WarmUpSeed, index), revalidates: true);
        yield return LoadRound.Run("the same each time", plan, daemon, _ => questions.Same);
        yield return LoadRound.Run("never asked before", plan, daemon, index => questions.Fresh(RoundSeed, index));
        yield return LoadRound.Run("the same, if changed", plan, daemon, _ => questions.Same, revalidates: true);
    }
}
