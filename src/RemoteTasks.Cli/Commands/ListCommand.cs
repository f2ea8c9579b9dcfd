using System.CommandLine;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks list</c></summary>
internal static class ListCommand
{
    internal static Command Create(Terminal terminal)
    {
        var query = new QueryOptions();
        var format = new Option<string>("--format") { Description = "How to print: a table, the REST body, a JSON object a line, or CSV.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json", "jsonl", "csv");
        var command = new Command("list", "List tasks, newest first.") { format };
        query.AddTo(command, withPaging: true);
        command.SetAction((parsed, ct) => RunAsync(terminal, query.Query(parsed, TimeProvider.System), () => query.OpenSource(parsed), parsed.GetRequiredValue(format), ct));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, TaskQuery query, Func<ITaskSource> open, string format, CancellationToken ct)
    {
        using ITaskSource source = open();
        if (format == "json")
        {
            await source.WriteListAsync(query, terminal.OutBytes, ct);
            await terminal.Out.WriteLineAsync();
            return ExitCode.Good;
        }

        await using IRowPrinter printer = format switch
        {
            "jsonl" => new JsonLinesPrinter(terminal.OutBytes),
            "csv" => new CsvPrinter(terminal.OutBytes),
            _ => new TablePrinter(terminal),
        };
        await foreach (ListedTask row in source.RowsAsync(query, ct))
            await printer.PrintAsync(row);
        await printer.EndAsync();
        if (format == "table")
            await ExplainAsync(terminal, source.Summary);
        return ExitCode.Good;
    }

    /// <summary>What a table cannot show: how many there are in all, and what is lacking. Goes beside the results, not into them.</summary>
    private static async Task ExplainAsync(Terminal terminal, ListSummary summary)
    {
        await terminal.Error.WriteLineAsync(
            $"{summary.Total:N0} tasks match{(summary.Next is { } next ? $"; the list goes on with --after '{SafeText.Clean(next)}'" : "")}.");
        foreach (UnknownPart part in summary.Unknown)
            await terminal.Error.WriteLineAsync($"Lacking: {SafeText.Clean(UnknownText.Of(part))}");
    }
}
