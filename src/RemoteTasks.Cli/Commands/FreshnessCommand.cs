using System.CommandLine;
using System.Globalization;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;
using RemoteTasks.Server.Api;
using Spectre.Console;

namespace RemoteTasks.Cli.Commands;

/// <summary><c>remote-tasks freshness</c></summary>
internal static class FreshnessCommand
{
    // As REST dates are, and polls take a moment: less is no wrong clock.
    private const long ClockSecondsMin = 5;

    internal static Command Create(Terminal terminal)
    {
        var daemon = new DaemonOptions();
        var format = new Option<string>("--format") { Description = "How to print: a table, or the REST body.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("freshness", "Show when each node answered last, and what is not known of it.") { format };
        daemon.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            using DaemonClient client = daemon.Open(parsed);
            if (parsed.GetRequiredValue(format) == "json")
            {
                using HttpResponseMessage response = await client.SendAsync(HttpMethod.Get, "freshness", tag: null, ct);
                await response.Content.CopyToAsync(terminal.OutBytes, ct);
                await terminal.Out.WriteLineAsync();
                return ExitCode.Good;
            }

            FreshnessBody body = await client.SendAsync(HttpMethod.Get, "freshness", FreshnessJson.Default.FreshnessBody, ct);
            await PrintAsync(terminal, body);
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task PrintAsync(Terminal terminal, FreshnessBody body)
    {
        string[][] rows = [["REMOTE", "NODE", "REACHED", "TOOK", "TASKS/H", "CLOCK", "PROBLEM"], .. body.Data.Select(Row), .. body.Remotes.Where(remote => IsUnheard(body, remote)).Select(Unheard)];
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].GetCellWidth()))];
        foreach (string[] row in rows)
            await terminal.Out.WriteLineAsync(string.Join("  ", row.Select((cell, column) => SafeText.Padded(cell, widths[column]))).TrimEnd());
        foreach (NodeFreshnessBody node in body.Data)
        {
            foreach (GapBody gap in node.Gaps)
                await terminal.Error.WriteLineAsync($"Lacking: {SafeText.Clean(UnknownText.Of(new UnknownPart("forgotten", node.Remote, node.Node, gap.From, gap.To)))}");
        }
    }

    private static string[] Row(NodeFreshnessBody node) =>
    [
        SafeText.Clean(node.Remote), SafeText.Clean(node.Node ?? "-"),
        node.LastReached is { } reached ? TablePrinter.Time(reached) : node.NotReachedSince is { } since ? $"not since {TablePrinter.Time(since)}" : "never",
        $"{node.TookMs} ms",
        node.TasksPerHour is { } rate ? rate.ToString("0.#", CultureInfo.InvariantCulture) : "",
        node.ClockAhead is { } ahead && Math.Abs(ahead) >= ClockSecondsMin ? $"{Math.Abs(ahead)} s {(ahead > 0 ? "ahead" : "behind")}" : "",
        SafeText.Clean(node.Problem ?? ""),
    ];

    /// <summary>It is polled, and no poll of it has ended yet.</summary>
    private static bool IsUnheard(FreshnessBody body, RemoteFreshnessBody remote) => body.Data.All(node => node.Remote != remote.Remote);

    private static string[] Unheard(RemoteFreshnessBody remote) => [SafeText.Clean(remote.Remote), "-", "never", "", "", "", "Not polled yet."];
}
