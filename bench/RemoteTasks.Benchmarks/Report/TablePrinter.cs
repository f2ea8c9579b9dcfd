using RemoteTasks.Benchmarks.Compare;
using Spectre.Console;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>The result for people.</summary>
internal static class TablePrinter
{
    private const int WidthMin = 190;
    private static readonly string[] Others = [Column.LineScan, Column.BufferedScan, Column.Sqlite, Column.SqliteRows];

    internal static void Print(IReadOnlyList<ReportRow> rows)
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthMin);
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("median (min)");
        foreach (string engine in (string[])[Column.RemoteTasks, .. Others])
            table.AddColumn(new TableColumn(engine).RightAligned());
        foreach (string engine in Others)
            table.AddColumn(new TableColumn("x " + engine).RightAligned());
        table.AddColumn(new TableColumn("goal").RightAligned());
        foreach (ReportRow row in rows)
        {
            string[] cells =
            [
                Markup.Escape($"{row.Name} [{row.Unit}]"),
                Text(row, Column.RemoteTasks),
                .. Others.Select(engine => Text(row, engine)),
                .. Others.Select(engine => row.Ratio(engine) is { } ratio ? Number(ratio) : ""),
                Goal(row),
            ];
            table.AddRow(cells);
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine("x: how many times the product's minimum goes into the other's; above 1 the product is better. Goals are against the line scan.");
        AnsiConsole.WriteLine("Line scan: a list stops when its page is full and has no total. RemoteTasks and SQLite give the total of all matching tasks;");
        AnsiConsole.WriteLine("line scan, buffered: with a journal that is written at once, not piece by piece as the reference does.");
        AnsiConsole.WriteLine("SQLite, rows only: the same page without it.");
    }

    internal static string Number(double value) => value switch
    {
        < 0.1 => value.ToString("0.0000"),
        < 10 => value.ToString("0.00"),
        < 1000 => value.ToString("0.0"),
        _ => value.ToString("#,0"),
    };

    private static string Text(ReportRow row, string engine) =>
        !row.Samples.TryGetValue(engine, out Sample? sample) ? ""
        : sample.Runs == 1 ? Number(sample.Median) : $"{Number(sample.Median)} ({Number(sample.Min)})";

    private static string Goal(ReportRow row)
    {
        string[] goals =
        [
            .. row.Goal is { } times ? [$"x {Number(times)}"] : Array.Empty<string>(),
            .. row.GoalMax is { } max ? [$"at most {Number(max)}"] : Array.Empty<string>(),
        ];
        string verdict = row.IsMet switch { true => "[green]met[/]", false => "[red]not met[/]", null => "" };
        return $"{string.Join(", ", goals)} {verdict}".Trim();
    }
}
