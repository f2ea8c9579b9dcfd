using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>A task's log, from its remote. A cluster says in a line of text that a log is empty or gone; here that is what it means.</summary>
internal sealed class RemoteLog(TaskAtRemote task)
{
    private const int PageLines = 1000;
    private const string Empty = "no content";
    private const string Gone = "unable to open file - ";

    /// <summary>Some lines; null when the node has lost the log.</summary>
    /// <exception cref="ProxmoxException">The remote cannot be asked, or refuses.</exception>
    internal async Task<TaskLogAnswer?> AskAsync(long start, long limit, CancellationToken ct)
    {
        TaskLogAnswer answer = await task.Client.GetTaskLogAsync(task.Node, task.Task.Native, start, limit, ct);
        return task.Client.Remote.Type != RemoteType.Pve || answer is not { Total: <= 1, Lines: [{ } only] } ? answer
            : only.Text == Empty ? new TaskLogAnswer([], 0)
            : only.Text.StartsWith(Gone, StringComparison.Ordinal) ? null
            : answer;
    }

    /// <summary>The last lines, in bounded memory; null when the node has lost the log.</summary>
    /// <param name="options">How many of them.</param>
    /// <param name="now">Seconds since the epoch.</param>
    /// <param name="call">Runs one call when there is room for it.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ProxmoxException">The remote cannot be asked, or refuses.</exception>
    internal async Task<KeptLog?> AskEndAsync(
        KeptLogOptions options, long now, Func<Func<Task<TaskLogAnswer?>>, Task<TaskLogAnswer?>> call, CancellationToken ct)
    {
        if (await call(() => AskAsync(0, 1, ct)) is not { } first)
            return null;
        long total = first.Total;
        long start = Math.Max(0, total - options.LinesMax);
        int page = PageLines;
        IReadOnlyList<TaskLogLine> lines = [];
        for (long left = Math.Min(total, options.LinesMax); left > 0;)
        {
            TaskLogAnswer? answer;
            try
            {
                answer = await call(() => AskAsync(start, Math.Min(left, page), ct));
            }
            catch (ProxmoxException error) when (error.Kind == ProxmoxErrorKind.AnswerTooLarge && page > 1)
            {
                page /= 10;
                continue;
            }

            // Shorter than it said, or longer than was asked for: what it is worth is what is here.
            if (answer is not { Lines.Count: > 0 })
                break;
            lines = KeptLog.Fit([.. lines, .. answer.Lines.Take((int)left)], options.LogBytesMax);
            start += answer.Lines.Count;
            left -= answer.Lines.Count;
        }

        return new KeptLog(task.Task.Native, now, total, lines);
    }
}
