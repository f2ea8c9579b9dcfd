using RemoteTasks.Cache;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RemoteTasks.Cli.Output;

/// <summary>What the daemon sees of the fleet, again and again: a table that stays in place on a terminal, else a line now and then.</summary>
internal sealed class DemoOverview(Terminal terminal, TaskCache cache, IReadOnlyList<string> remotes)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(5);

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private long? _firstTotal;

    /// <summary>Shows it until it is cancelled.</summary>
    internal async Task ShowAsync(CancellationToken ct)
    {
        if (!terminal.IsInteractive)
        {
            while (true)
            {
                await terminal.Out.WriteLineAsync(Line(Look()));
                await Task.Delay(LinePause, TimeProvider.System, ct);
            }
        }

        await AnsiConsole.Live(Table(Look())).AutoClear(false).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget(Table(Look()));
                await Task.Delay(Pause, TimeProvider.System, ct);
            }
        });
    }

    private View Look()
    {
        using CacheReader reader = cache.Read();
        TaskStatistics statistics = reader.Statistics(new TaskQuery());
        TaskPage failures = reader.List(new TaskQuery { Statuses = [StatusClass.Error, StatusClass.Unknown], Limit = 5 });
        _firstTotal ??= statistics.All.Total > 0 ? statistics.All.Total : null;
        double minutes = TimeProvider.System.GetElapsedTime(_began).TotalMinutes;
        double rate = minutes > 0 ? (statistics.All.Total - (_firstTotal ?? 0)) / minutes : 0;
        return new View(statistics, failures.Rows, Math.Max(0, rate));
    }

    private static string Line(View view)
    {
        StatusCounts all = view.Statistics.All;
        return $"{all.Total:N0} tasks, {all.Running:N0} running, {all.Error:N0} failed, {all.Warning:N0} with warnings, {all.Unknown:N0} unknown, {view.RatePerMinute:0} new a minute";
    }

    private Rows Table(View view)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Remote");
        foreach (string title in (string[])["Nodes", "Tasks", "Running", "Failed", "Warnings", "Unknown"])
            table.AddColumn(new TableColumn(title).RightAligned());
        foreach (string remote in remotes)
        {
            StatusCounts counts = view.Statistics.ByRemote.GetValueOrDefault(remote);
            int nodes = view.Statistics.ByNode.Keys.Count(key => key.Remote == remote);
            AddRow(table, remote, nodes, counts);
        }

        table.AddEmptyRow();
        AddRow(table, "all", view.Statistics.ByNode.Count, view.Statistics.All);
        var parts = new List<IRenderable> { table, new Markup($"[grey]{view.RatePerMinute:0} new tasks a minute. Latest failures:[/]") };
        parts.AddRange(view.Failures.Select(row => new Markup(
            $"[grey]{TablePrinter.Time(row.StartTime)}[/] {Safe(row.Remote)}/{Safe(row.Node)} {Safe(row.WorkerType)} {Safe(row.WorkerId ?? "")} [red]{Safe(row.Status ?? "unknown")}[/]")
            { Overflow = Overflow.Ellipsis }));
        parts.Add(new Markup("[grey]Ctrl-C ends the demo.[/]"));
        return new Rows(parts);
    }

    private static void AddRow(Table table, string name, int nodes, StatusCounts counts) => table.AddRow(
        Safe(name),
        $"{nodes}",
        $"{counts.Total:N0}",
        Coloured(counts.Running, "cyan"),
        Coloured(counts.Error, "red"),
        Coloured(counts.Warning, "yellow"),
        Coloured(counts.Unknown, "yellow"));

    private static string Coloured(long count, string colour) => count == 0 ? "[grey]0[/]" : $"[{colour}]{count:N0}[/]";

    private static string Safe(string text) => Markup.Escape(SafeText.Clean(text));

    private sealed record View(TaskStatistics Statistics, IReadOnlyList<TaskRow> Failures, double RatePerMinute);
}
