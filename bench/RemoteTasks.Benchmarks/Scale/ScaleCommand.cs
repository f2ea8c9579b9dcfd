using System.CommandLine;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Scale;

/// <summary><c>scale</c></summary>
internal static class ScaleCommand
{
    internal static Command Create()
    {
        var min = new Option<long>("--min") { Description = "Tasks of the smallest size.", DefaultValueFactory = _ => 1_500_000 };
        var max = new Option<long>("--max") { Description = "Sizes grow tenfold up to here.", DefaultValueFactory = _ => 15_000_000 };
        var json = new Option<string?>("--json") { Description = "Write the result to a file as well." };
        var place = new PlaceOptions();
        var command = new Command("scale", "The product alone, with ever more history: a week of tasks, ten weeks, a hundred.") { min, max, json, place.Directory, place.Keep };
        command.SetAction(parsed => Run(parsed.GetValue(min), parsed.GetValue(max), parsed.GetValue(json), parsed, place));
        return command;
    }

    private static int Run(long min, long max, string? jsonFile, ParseResult parsed, PlaceOptions place)
    {
        foreach ((string name, string value) in RunEnvironment.Describe())
            Console.WriteLine($"{name}: {value}");
        var sizes = new List<ScaleSize>();
        int days = Data.GeneratedData.DaysOfSevenFiles;
        for (long tasks = min; tasks <= max; tasks *= 10, days *= 10)
        {
            // Each size has its own directory, gone before the next one comes.
            using WorkPlace work = place.Make(parsed);
            sizes.Add(ScaleRun.Measure(tasks, days, work.Directory, Console.Error.WriteLine));
        }

        ScalePrinter.Print(sizes);
        if (jsonFile is not null)
            ScaleJson.Write(jsonFile, sizes);
        return 0;
    }
}
