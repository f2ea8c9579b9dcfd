using System.CommandLine;
using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.Engines;
using RemoteTasks.Benchmarks.Report;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary><c>compare</c></summary>
internal static class CompareCommand
{
    internal static Command Create()
    {
        var data = new DataOptions();
        var json = new Option<string?>("--json") { Description = "Write the result to a file as well." };
        var place = new PlaceOptions();
        var command = new Command("compare", "The same tasks and questions for RemoteTasks, a scan of lines and SQLite.") { data.Tasks, data.File, json, place.Directory, place.Keep };
        command.SetAction(parsed =>
        {
            using WorkPlace work = place.Make(parsed);
            return Run(data.Open(parsed), data.Repeat(parsed), work.Directory, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(ITaskData data, string[] source, string directory, string? jsonFile)
    {
        DataSurvey survey = DataSurvey.Of(data);
        foreach ((string name, string value) in RunEnvironment.Describe())
            Console.WriteLine($"{name}: {value}");
        Console.WriteLine($"data: {data.Description}, {survey.Running:N0} of them running");
        var filling = new Filling(directory, source, survey, Console.Error.WriteLine);
        using Engine product = filling.Fill(EngineKind.RemoteTasks);
        using Engine scan = filling.Fill(EngineKind.LineScan);
        using Engine sqlite = filling.Fill(EngineKind.Sqlite);
        using Engine buffered = filling.Fill(EngineKind.BufferedScan);
        var comparison = new Comparison([product, scan, sqlite], buffered, survey, Console.Error.WriteLine);
        string? difference = comparison.Run();
        ReportRow[] rows = [.. filling.Rows, .. comparison.Rows];
        TablePrinter.Print(rows);
        if (jsonFile is not null)
            JsonReport.Write(jsonFile, data.Description, survey, rows);
        if (difference is null)
        {
            Console.WriteLine("All engines gave the same answers.");
            return 0;
        }

        Console.WriteLine($"The engines differ. {difference}");
        return 1;
    }
}
