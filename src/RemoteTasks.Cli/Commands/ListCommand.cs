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
        ListSummary summary = source.Summary;
        if (format == "table")
        {
            string next = summary.Next is null ? "" : $"; the list goes on with --after {ShellQuoted(SafeText.Clean(summary.Next))}";
            await terminal.Error.WriteLineAsync($"{summary.Total:N0} {(summary.Total == 1 ? "task matches" : "tasks match")}{next}.");
        }

        await UnknownText.WriteAsync(terminal, summary.Unknown);
        return ExitCode.Good;
    }

    /// <summary>A UPID holds what a remote's users typed; who pastes the line must run nothing of it.</summary>
    private static string ShellQuoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
