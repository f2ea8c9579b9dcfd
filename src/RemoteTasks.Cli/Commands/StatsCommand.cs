using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CsvHelper;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;
using Spectre.Console;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks stats</c></summary>
internal static class StatsCommand
{
    private static readonly string[] Counts = ["error", "warning", "unknown", "ok", "running"];

    internal static Command Create(Terminal terminal)
    {
        var query = new QueryOptions();
        var format = new Option<string>("--format") { Description = "How to print: tables, the REST body, a JSON object a line, or CSV.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json", "jsonl", "csv");
        var command = new Command("stats", "Count tasks by type, remote and node.") { format };
        query.AddTo(command, withPaging: false);
        command.SetAction((parsed, ct) => RunAsync(
            terminal, query.Query(parsed, TimeProvider.System) with { Limit = 0 }, () => query.OpenSource(parsed), parsed.GetRequiredValue(format), ct));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, TaskQuery query, Func<ITaskSource> open, string format, CancellationToken ct)
    {
        using ITaskSource source = open();
        if (format == "json")
        {
            await source.WriteStatisticsAsync(query, terminal.OutBytes, ct);
            await terminal.Out.WriteLineAsync();
            return ExitCode.Good;
        }

        using var body = new MemoryStream();
        await source.WriteStatisticsAsync(query, body, ct);
        using JsonDocument document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        List<(string Group, string Name, JsonElement Counts)> rows = [.. Rows(document.RootElement.GetProperty("data"))];
        await (format switch
        {
            "jsonl" => PrintJsonLinesAsync(terminal, rows),
            "csv" => PrintCsvAsync(terminal, rows),
            _ => PrintTablesAsync(terminal, rows),
        });
        await UnknownText.WriteAsync(terminal, document.RootElement.GetProperty("unknown").Deserialize(ListJson.Default.IReadOnlyListUnknownPart) ?? []);
        return ExitCode.Good;
    }

    private static IEnumerable<(string Group, string Name, JsonElement Counts)> Rows(JsonElement data)
    {
        foreach (string group in (string[])["type", "remote"])
        {
            foreach (JsonProperty entry in data.GetProperty($"by-{group}").EnumerateObject())
                yield return (group, entry.Name, entry.Value);
        }

        foreach (JsonProperty remote in data.GetProperty("by-node").EnumerateObject())
        {
            foreach (JsonProperty node in remote.Value.EnumerateObject())
                yield return ("node", $"{remote.Name}/{node.Name}", node.Value);
        }

        yield return ("all", "all", data.GetProperty("all"));
    }

    private static async Task PrintJsonLinesAsync(Terminal terminal, List<(string Group, string Name, JsonElement Counts)> rows)
    {
        foreach ((string group, string name, JsonElement counts) in rows)
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new { group, name, counts }));
    }

    private static async Task PrintCsvAsync(Terminal terminal, List<(string Group, string Name, JsonElement Counts)> rows)
    {
        var csv = new CsvWriter(terminal.Out, CultureInfo.InvariantCulture, leaveOpen: true);
        await using (csv)
        {
            foreach (string title in Counts.Prepend("name").Prepend("group"))
                csv.WriteField(title);
            await csv.NextRecordAsync();
            foreach ((string group, string name, JsonElement counts) in rows)
            {
                csv.WriteField(group);
                csv.WriteField(name);
                foreach (string count in Counts)
                    csv.WriteField(counts.GetProperty(count).GetInt64());
                await csv.NextRecordAsync();
            }
        }
    }

    /// <summary>One table a group, most failures first.</summary>
    private static async Task PrintTablesAsync(Terminal terminal, List<(string Group, string Name, JsonElement Counts)> rows)
    {
        int width = Math.Max(6, rows.Max(row => SafeText.Clean(row.Name).GetCellWidth()));
        foreach (IGrouping<string, (string Group, string Name, JsonElement Counts)> group in rows.GroupBy(row => row.Group))
        {
            await terminal.Out.WriteLineAsync(group.Key.ToUpperInvariant().PadRight(width) + string.Concat(Counts.Select(count => count.ToUpperInvariant().PadLeft(10))));
            foreach ((_, string name, JsonElement counts) in group.OrderByDescending(row => row.Counts.GetProperty("error").GetInt64()).ThenBy(row => row.Name, StringComparer.Ordinal))
            {
                string numbers = string.Concat(Counts.Select(count => counts.GetProperty(count).GetInt64().ToString("N0", CultureInfo.InvariantCulture).PadLeft(10)));
                await terminal.Out.WriteLineAsync(SafeText.Padded(SafeText.Clean(name), width) + numbers);
            }

            await terminal.Out.WriteLineAsync();
        }
    }
}
