using RemoteTasks.Benchmarks.Report;
using Spectre.Console;

namespace RemoteTasks.Benchmarks.Scale;

/// <summary>All sizes side by side; a query that takes more than twice its time at the smallest size is marked.</summary>
internal static class ScalePrinter
{
    internal const double GrowthMax = 2;
    private const int WidthMin = 140;
    private const double Mebibyte = 1 << 20;

    internal static void Print(IReadOnlyList<ScaleSize> sizes)
    {
        if (sizes.Count == 0)
            return;
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthMin);
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("");
        foreach (ScaleSize size in sizes)
            table.AddColumn(new TableColumn($"{size.Tasks:N0}").RightAligned());
        Add(table, sizes, "history [days]", size => $"{size.Days}");
        Add(table, sizes, "fill [s]", size => TablePrinter.Number(size.FillSeconds));
        Add(table, sizes, "fill [us/task]", size => TablePrinter.Number(size.FillMicrosecondsPerTask));
        Add(table, sizes, "peak working set, filling [MiB]", size => TablePrinter.Number(size.FillPeakBytes / Mebibyte));
        Add(table, sizes, "peak working set, asking [MiB]", size => TablePrinter.Number(size.QueryPeakBytes / Mebibyte));
        Add(table, sizes, "private bytes when filled [MiB]", size => TablePrinter.Number(size.PrivateBytes / Mebibyte));
        Add(table, sizes, "private bytes after a question, at most [MiB]", size => TablePrinter.Number(size.PrivatePeakBytes / Mebibyte));
        Add(table, sizes, "disk [MiB]", size => TablePrinter.Number(size.DiskBytes / Mebibyte));
        Add(table, sizes, "disk [B/task]", size => TablePrinter.Number(size.BytesPerTask));
        for (int i = 0; i < sizes[0].Queries.Count; i++)
        {
            int query = i;
            Add(table, sizes, $"{sizes[0].Queries[i].Name} [ms]", size => Query(sizes[0], size, query));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"In brackets: times the smallest size, minima compared. ! marks more than {GrowthMax}.");
    }

    private static string Query(ScaleSize smallest, ScaleSize size, int query)
    {
        double min = size.Queries[query].Sample.Min;
        double growth = min / smallest.Queries[query].Sample.Min;
        string text = $"{TablePrinter.Number(size.Queries[query].Sample.Median)} (x {TablePrinter.Number(growth)})";
        return growth > GrowthMax ? $"[red]{text} ![/]" : text;
    }

    private static void Add(Table table, IReadOnlyList<ScaleSize> sizes, string name, Func<ScaleSize, string> value) =>
        table.AddRow([Markup.Escape(name), .. sizes.Select(value)]);
}
