using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>Some lines of a task's log.</summary>
/// <param name="Lines">Each with its number in the whole log.</param>
/// <param name="Total">Lines of the whole log.</param>
internal sealed record LogPart(IReadOnlyList<TaskLogLine> Lines, long Total)
{
    /// <summary>Why the remote itself does not tell; null: it does.</summary>
    internal LogProblem? Problem { get; init; }

    /// <summary>When it was read, seconds since the epoch, if this is the copy that was kept.</summary>
    internal long? Fetched { get; init; }

    /// <summary>Whether there is a log at all, the remote's or a copy.</summary>
    internal bool IsThere => Problem is null || Fetched is not null;
}

/// <summary>Why a remote does not give a log.</summary>
internal sealed record LogProblem(ProxmoxErrorKind Kind, string Text);

/// <summary>The log of a task: from its remote, else the copy that was kept, which says that it is one.</summary>
internal sealed class TaskLogReader(FleetPoller poller, KeptLogs kept)
{
    /// <param name="task">The task.</param>
    /// <param name="start">Lines to pass over.</param>
    /// <param name="limit">Lines at most.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<LogPart> ReadAsync(RemoteUpid task, long start, int limit, CancellationToken ct)
    {
        LogPart answer = await AskAsync(task, start, limit, ct);
        return answer.Problem is not null && await Task.Run(() => kept.Find(task), ct) is { } copy
            ? new LogPart([.. copy.Lines.Where(line => line.Number > start).Take(limit)], copy.Total) { Problem = answer.Problem, Fetched = copy.Fetched }
            : answer;
    }

    private async Task<LogPart> AskAsync(RemoteUpid task, long start, int limit, CancellationToken ct)
    {
        if (!TaskAtRemote.TryFind(poller, task, out TaskAtRemote? remote, out string? unknown))
            return Without(ProxmoxErrorKind.NotFound, unknown);
        try
        {
            return await new RemoteLog(remote).AskAsync(start, limit, ct) is { } log
                ? new LogPart(log.Lines, log.Total)
                : Without(ProxmoxErrorKind.NotFound, "The node has deleted the log of this task: it keeps only those of the newest.");
        }
        catch (ProxmoxException error)
        {
            return Without(error.Kind, error.Message);
        }
    }

    private static LogPart Without(ProxmoxErrorKind kind, string problem) => new([], 0) { Problem = new LogProblem(kind, problem) };
}
