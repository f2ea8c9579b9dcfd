using RemoteTasks.Benchmarks.Report;
using Spectre.Console;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>All rounds side by side.</summary>
internal static class LoadPrinter
{
    private const int WidthMin = 140;
    private const double Mebibyte = 1 << 20;

    internal static void Print(LoadPlan plan, IReadOnlyList<LoadResult> results)
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthMin);
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("");
        foreach (LoadResult result in results)
            table.AddColumn(new TableColumn(result.Name).RightAligned());
        Add(table, results, "answered [1/s]", result => TablePrinter.Number(result.Rate));
        Add(table, results, "median [ms]", result => TablePrinter.Number(result.Percentile(0.5)));
        Add(table, results, "p99 [ms]", result => TablePrinter.Number(result.Percentile(0.99)));
        Add(table, results, "p99.9 [ms]", result => TablePrinter.Number(result.Percentile(0.999)));
        Add(table, results, "max [ms]", result => TablePrinter.Number(result.Percentile(1)));
        Add(table, results, "errors", result => $"{result.Errors:N0}");
        Add(table, results, "answers 304", result => $"{result.NotModified:N0}");
        Add(table, results, "processor time, daemon [s]", result => TablePrinter.Number(result.DaemonCpu.TotalSeconds));
        Add(table, results, "processor time, client [s]", result => TablePrinter.Number(result.OwnCpu.TotalSeconds));
        Add(table, results, "peak working set, daemon [MiB]", result => TablePrinter.Number(result.DaemonPeakBytes / Mebibyte));
        Add(table, results, "goal", result => result.IsMet ? "[green]met[/]" : "[red]not met[/]");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{plan.Rate:N0} requests a second for {plan.Seconds} s over {plan.Connections} connections, {plan.Limit} rows each. Latencies count from the moment a request was to be sent.");
        AnsiConsole.WriteLine($"Goal: {LoadResult.GoalRate:N0} a second, p99 below {LoadResult.GoalP99Milliseconds} ms, no errors. Client and daemon share the processor.");
    }

    private static void Add(Table table, IReadOnlyList<LoadResult> results, string name, Func<LoadResult, string> value) =>
        table.AddRow([Markup.Escape(name), .. results.Select(value)]);
}
