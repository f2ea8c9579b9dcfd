using RemoteTasks.Cache;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RemoteTasks.Cli.Output;

/// <summary>What the daemon sees of the fleet, again and again: a table that stays in place on a terminal, else a line now and then.</summary>
internal sealed class DemoOverview(Terminal terminal, TaskCache cache, Uri url, IReadOnlyList<string> remotes)
{
    private const int FailuresMin = 2;
    private const int FailuresMax = 5;

    // Borders, titles, the sums and the lines below; and one line that must stay free, or the terminal scrolls.
    private const int OtherLines = 9;

    private static readonly (string Title, int WidthMin)[] Columns =
        [("Nodes", 70), ("Tasks", 0), ("Running", 40), ("Failed", 0), ("Warnings", 50), ("Unknown", 62)];

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(5);

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
        TaskPage failures = reader.List(new TaskQuery { Statuses = [StatusClass.Error, StatusClass.Unknown], Limit = FailuresMax });

        // By when tasks began, not by when they came in: the history that is fetched first is no rate.
        long minuteAgo = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60;
        return new View(statistics, failures.Rows, reader.List(new TaskQuery { Since = minuteAgo, Limit = 1 }).Total);
    }

    private static string Line(View view)
    {
        StatusCounts all = view.Statistics.All;
        return $"{all.Total:N0} tasks, {all.Running:N0} running, {all.Error:N0} failed, {all.Warning:N0} with warnings, {all.Unknown:N0} unknown, {view.BegunInLastMinute:N0} began in the last minute";
    }

    /// <summary>Never higher than the terminal, which would show the end of it alone.</summary>
    private Rows Table(View view)
    {
        int lines = Math.Max(1 + FailuresMin, AnsiConsole.Profile.Height - OtherLines);
        int failures = Math.Clamp(lines - remotes.Count, FailuresMin, FailuresMax);
        int shown = remotes.Count <= lines - failures ? remotes.Count : Math.Max(0, lines - failures - 1);
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Remote");
        foreach (string title in Titles(AnsiConsole.Profile.Width))
            table.AddColumn(new TableColumn(title).RightAligned());
        foreach (string remote in remotes.Take(shown))
        {
            StatusCounts counts = view.Statistics.ByRemote.GetValueOrDefault(remote);
            int nodes = view.Statistics.ByNode.Keys.Count(key => key.Remote == remote);
            AddRow(table, remote, nodes, counts);
        }

        table.AddRow(shown < remotes.Count ? $"[grey]…\u00a0{remotes.Count - shown}\u00a0more[/]" : "");
        AddRow(table, "all", view.Statistics.ByNode.Count, view.Statistics.All);
        int width = AnsiConsole.Profile.Width - 1;
        var parts = new List<IRenderable> { table, Line($"Begun in the last minute: {view.BegunInLastMinute:N0}. Latest failures:", width, "grey") };
        parts.AddRange(view.Failures.Take(failures).Select(row => Failure(row, width)));
        parts.Add(Line($"{url}  Ctrl-C ends the demo.", width, "grey"));
        return new Rows(parts);
    }

    private static Markup Line(string text, int width, string colour) => new($"[{colour}]{Safe(SafeText.Cropped(text, width))}[/]");

    /// <summary>One failure on one line, its status in red.</summary>
    private static Markup Failure(TaskRow row, int width)
    {
        string task = $"{TablePrinter.Time(row.StartTime)} {row.Remote}/{row.Node} {row.WorkerType} {row.WorkerId} ";
        string line = SafeText.Cropped(SafeText.Clean(task + (string.IsNullOrEmpty(row.Status) ? "unknown" : row.Status)), width);
        int split = Math.Min(task.Length, line.Length);
        return new Markup($"{Markup.Escape(line[..split])}[red]{Markup.Escape(line[split..])}[/]");
    }

    /// <summary>On a narrow terminal fewer columns, rather than numbers broken in two.</summary>
    private static IEnumerable<string> Titles(int width) =>
        Columns.Where(column => width >= column.WidthMin).Select(column => column.Title);

    private static void AddRow(Table table, string name, int nodes, StatusCounts counts) =>
        table.AddRow([Safe(name), .. Titles(AnsiConsole.Profile.Width).Select(title => title switch
        {
            "Nodes" => $"{nodes}",
            "Tasks" => $"{counts.Total:N0}",
            "Running" => Coloured(counts.Running, "cyan"),
            "Failed" => Coloured(counts.Error, "red"),
            "Warnings" => Coloured(counts.Warning, "yellow"),
            _ => Coloured(counts.Unknown, "yellow"),
        })]);

    private static string Coloured(long count, string colour) => count == 0 ? "[grey]0[/]" : $"[{colour}]{count:N0}[/]";

    private static string Safe(string text) => Markup.Escape(SafeText.Clean(text));

    private sealed record View(TaskStatistics Statistics, IReadOnlyList<TaskRow> Failures, long BegunInLastMinute);
}
