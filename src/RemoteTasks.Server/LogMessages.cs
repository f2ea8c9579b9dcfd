namespace RemoteTasks.Server;

/// <summary>Every message this process logs. Text from remotes has its control characters replaced before it comes here.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "Polling {Remotes} remotes; the cache is {Directory}")]
    internal static partial void PollingStarted(this ILogger logger, int remotes, string directory);

    [LoggerMessage(2, LogLevel.Information, "{Remote}: {New} new finished tasks, {Running} running")]
    internal static partial void TasksStored(this ILogger logger, string remote, int @new, int running);

    [LoggerMessage(3, LogLevel.Warning, "{Remote} {Node}: {Problem}")]
    internal static partial void NodeFailed(this ILogger logger, string remote, string node, string problem);

    [LoggerMessage(4, LogLevel.Information, "{Remote} {Node}: answers again")]
    internal static partial void NodeRecovered(this ILogger logger, string remote, string node);

    [LoggerMessage(5, LogLevel.Warning, "{Remote} {Node}: history gap, tasks that began from {From} to {To} were forgotten before they were fetched")]
    internal static partial void HistoryGapFound(this ILogger logger, string remote, string node, long from, long to);

    [LoggerMessage(6, LogLevel.Warning, "{Remote} {Node}: {Count} records left out, the first because {Reason}")]
    internal static partial void RecordsRejected(this ILogger logger, string remote, string node, int count, string reason);

    [LoggerMessage(7, LogLevel.Error, "{Remote}: the poll failed and is tried again at the next interval")]
    internal static partial void PollFailed(this ILogger logger, Exception error, string remote);

    [LoggerMessage(8, LogLevel.Information, "Journal applied: {Rows} tasks into {Files} files")]
    internal static partial void JournalApplied(this ILogger logger, int rows, int files);

    [LoggerMessage(9, LogLevel.Information, "Rotated: begun {Begun}, compressed {Compressed}, dropped {Dropped}")]
    internal static partial void Rotated(this ILogger logger, string begun, string compressed, string dropped);

    [LoggerMessage(10, LogLevel.Error, "{Work} failed and is tried again at the next interval")]
    internal static partial void MaintenanceFailed(this ILogger logger, Exception error, string work);

    [LoggerMessage(11, LogLevel.Error, "Damage in {File}: {Problem}; tasks that began from {From} to {To} are fetched again where the nodes still have them")]
    internal static partial void DamageFound(this ILogger logger, string file, string problem, long from, long to);

    [LoggerMessage(12, LogLevel.Information, "{File}: tasks that began from {From} to {To} were asked for again; {New} came back")]
    internal static partial void DamageSettled(this ILogger logger, string file, long from, long to, int @new);

    [LoggerMessage(13, LogLevel.Critical, "The cache can no longer be written: {Reason}")]
    internal static partial void CacheFailed(this ILogger logger, string reason);

    [LoggerMessage(14, LogLevel.Error, "A request failed")]
    internal static partial void RequestFailed(this ILogger logger, Exception error);

    [LoggerMessage(16, LogLevel.Information, "Remotes read again: added [{Added}], changed [{Changed}], removed [{Removed}]")]
    internal static partial void RemotesReloaded(this ILogger logger, string added, string changed, string removed);

    [LoggerMessage(17, LogLevel.Error, "The list of remotes cannot be read, so the remotes stay as they are: {Problem}")]
    internal static partial void RemotesNotReloaded(this ILogger logger, string problem);

    [LoggerMessage(18, LogLevel.Information, "The log of {Upid} is not kept: {Problem}")]
    internal static partial void LogNotKept(this ILogger logger, string upid, string problem);

    [LoggerMessage(15, LogLevel.Error, "Damage was met and could not be noted; it is when it is met again")]
    internal static partial void DamageNotNoted(this ILogger logger, Exception error);

    [LoggerMessage(19, LogLevel.Error, "What an earlier process left unconfirmed could not be made durable; the next poll tries again")]
    internal static partial void NotMadeSure(this ILogger logger, Exception error);

    [LoggerMessage(40, LogLevel.Debug, "An open page was not told of a change; it is told of the next")]
    internal static partial void PageNotRefreshed(this ILogger logger, Exception error);
}
