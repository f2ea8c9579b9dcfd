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
        var follow = new Option<bool>("--follow", "-f") { Description = "Print the newest, the oldest of them first, then what begins or changes, as it comes, until Ctrl-C." };
        var command = new Command("list", "List tasks, newest first.") { format, follow };
        query.AddTo(command, withPaging: true);
        command.SetAction((parsed, ct) =>
        {
            TaskQuery which = query.Query(parsed, TimeProvider.System);
            string form = parsed.GetRequiredValue(format);
            return parsed.GetValue(follow)
                ? FollowAsync(terminal, which, () => query.OpenSource(parsed), form, ct)
                : RunAsync(terminal, which, () => query.OpenSource(parsed), form, ct);
        });
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

        await using IRowPrinter printer = Printer(terminal, format);
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

    private static async Task<int> FollowAsync(Terminal terminal, TaskQuery query, Func<ITaskSource> open, string format, CancellationToken ct)
    {
        if (format == "json" || query.Start > 0 || query.After is not null)
            throw new UsageException("--follow begins with the newest and has no end: it goes with --format table, jsonl or csv, and without --start and --after.");
        using ITaskSource source = open();
        await using IRowPrinter printer = Printer(terminal, format);
        await new ListFollow(terminal, source, printer).RunAsync(query, ct);
        return ExitCode.Good;
    }

    private static IRowPrinter Printer(Terminal terminal, string format) => format switch
    {
        "jsonl" => new JsonLinesPrinter(terminal.OutBytes),
        "csv" => new CsvPrinter(terminal.OutBytes),
        _ => new TablePrinter(terminal),
    };

    /// <summary>A UPID holds what a remote's users typed; who pastes the line must run nothing of it.</summary>
    private static string ShellQuoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
