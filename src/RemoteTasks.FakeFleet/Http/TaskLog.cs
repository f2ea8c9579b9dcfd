using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>The log of a task, made up from what the task is: a line every thirty seconds, and the verdict in the last one.</summary>
internal static class TaskLog
{
    private const int SecondsPerLine = 30;
    private const int ProgressLinesMax = 2_000;

    public static List<(long Time, string Text)> Lines(NodeLife node, SeenTask seen, long now)
    {
        var task = seen.Task;
        var lines = new List<(long, string)>();
        var until = seen.Running ? now : task.End;
        if (seen.Running && until == task.Start) return lines;
        lines.Add((task.Start, $"INFO: starting {task.Type} {task.Id}".TrimEnd()));
        if (until > task.Start) lines.Add((task.Start, "INFO: started by " + task.User + " on " + node.Host));
        var progressLines = Math.Min(ProgressLinesMax, (until - task.Start) / SecondsPerLine);
        for (var number = 1; number <= progressLines; number++)
        {
            var seconds = number * SecondsPerLine;
            lines.Add((task.Start + seconds, $"INFO: {number * 3.2:0.0} GiB done in {seconds} seconds"));
        }

        if (!seen.Running && Verdict(task.Status) is { } verdict) lines.Add((task.End, verdict));
        return lines;
    }

    /// <summary>One page; a limit of 0 is all the rest.</summary>
    public static IEnumerable<(int Number, string Text)> Page(IEnumerable<string> lines, long skip, long limit) => lines
        .Select(static (text, at) => (at + 1, text))
        .Skip((int)Math.Min(skip, int.MaxValue))
        .Take(limit == 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue));

    public static Answer Download(NodeLife node, SimTask task, IEnumerable<string> lines)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(task.Start).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var text = string.Concat(lines.Select(static line => line + "\n"));
        return new Answer(static _ => { }) { Download = ($"task-{node.Host}-{task.Type}-{time}.log", text) };
    }

    // A task that died without a last line is what the statuses without a verdict mean.
    private static string? Verdict(string status) => status switch
    {
        "unexpected status" or "unknown" or "" => null,
        "OK" => "TASK OK",
        _ when status.StartsWith("WARNINGS: ", StringComparison.Ordinal) => "TASK " + status,
        _ => "TASK ERROR: " + status,
    };
}
