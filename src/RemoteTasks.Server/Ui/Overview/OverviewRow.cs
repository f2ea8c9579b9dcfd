using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>A line of an overview.</summary>
/// <param name="Key">Tells it from others.</param>
/// <param name="Title">For people.</param>
/// <param name="Link">The query string of its list, without status.</param>
/// <param name="Counts">How many of each status.</param>
public sealed record OverviewRow(string Key, string Title, string Link, StatusCounts Counts)
{
    /// <summary>Worst first: by what failed, then what nobody knows, then warnings; among equals the busiest.</summary>
    internal static IReadOnlyList<OverviewRow> Sorted(IEnumerable<OverviewRow> rows) => [.. rows
        .OrderByDescending(row => row.Counts.Error)
        .ThenByDescending(row => row.Counts.Unknown)
        .ThenByDescending(row => row.Counts.Warning)
        .ThenByDescending(row => row.Counts.Total)
        .ThenBy(row => row.Key, StringComparer.Ordinal)];
}
