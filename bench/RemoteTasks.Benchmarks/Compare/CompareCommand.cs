using System.CommandLine;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.LineScan;
using RemoteTasks.Benchmarks.Report;
using RemoteTasks.Benchmarks.Sqlite;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary><c>compare</c></summary>
internal static class CompareCommand
{
    internal static Command Create()
    {
        var tasks = new Option<long>("--tasks") { Description = "How many tasks to generate.", DefaultValueFactory = _ => 1_500_000 };
        var data = new Option<string?>("--data") { Description = "Tasks from a file instead: JSON lines {\"upid\",\"starttime\",\"status\"?,\"endtime\"?}." };
        var json = new Option<string?>("--json") { Description = "Write the result to a file as well." };
        var place = new PlaceOptions();
        var command = new Command("compare", "The same tasks and questions for RemoteTasks, a scan of lines and SQLite.") { tasks, data, json, place.Directory, place.Keep };
        command.SetAction(parsed =>
        {
            using WorkPlace work = place.Make(parsed);
            ITaskData source = parsed.GetValue(data) is { } file
                ? new FileData(file)
                : new GeneratedData(parsed.GetValue(tasks), byTime: false, GeneratedData.DaysOfSevenFiles);
            return Run(source, work.Directory, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(ITaskData data, string directory, string? jsonFile)
    {
        DataSurvey survey = DataSurvey.Of(data);
        foreach ((string name, string value) in RunEnvironment.Describe())
            Console.WriteLine($"{name}: {value}");
        Console.WriteLine($"data: {data.Description}, {survey.Running:N0} of them running");
        using var product = new RemoteTasksEngine(Path.Combine(directory, "remotetasks"));
        using var scan = new LineScanEngine(Path.Combine(directory, "linescan"));
        using var buffered = new LineScanEngine(Path.Combine(directory, "linescan-buffered"), isBuffered: true);
        using var sqlite = new SqliteEngine(Path.Combine(directory, "sqlite"));
        var comparison = new Comparison([product, scan, sqlite], buffered, data, survey, Console.Error.WriteLine);
        string? difference = comparison.Run();
        TablePrinter.Print(comparison.Rows);
        if (jsonFile is not null)
            JsonReport.Write(jsonFile, data.Description, survey, comparison.Rows);
        if (difference is null)
        {
            Console.WriteLine("All engines gave the same answers.");
            return 0;
        }

        Console.WriteLine($"The engines differ. {difference}");
        return 1;
    }
}
