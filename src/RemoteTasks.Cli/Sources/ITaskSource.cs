using RemoteTasks.Cache;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Sources;

/// <summary>Where tasks are listed from: a directory or a daemon. Both give the same answers.</summary>
internal interface ITaskSource : IDisposable
{
    /// <summary>The rows of a query, in bounded memory; <see cref="Summary"/> is known when they have all been read.</summary>
    IAsyncEnumerable<ListedTask> RowsAsync(TaskQuery query, CancellationToken ct);

    /// <summary>What was said beside the rows.</summary>
    ListSummary Summary { get; }

    /// <summary>A page of a query; null when nothing at all has changed since this was asked last.</summary>
    Task<ListBody?> PageIfChangedAsync(TaskQuery query, CancellationToken ct);

    /// <summary>One task; null when there is none.</summary>
    Task<ListedTask?> FindAsync(string upid, CancellationToken ct);

    /// <summary>Writes the body that REST gives for the list.</summary>
    Task WriteListAsync(TaskQuery query, Stream output, CancellationToken ct);

    /// <summary>Writes the body that REST gives for statistics.</summary>
    Task WriteStatisticsAsync(TaskQuery query, Stream output, CancellationToken ct);
}

/// <summary>What belongs to a list as a whole.</summary>
internal sealed record ListSummary(long Total, string? Next, IReadOnlyList<UnknownPart> Unknown);
