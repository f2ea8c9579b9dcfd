using RemoteTasks.Cache;
using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>A line of counts: of a kind, a worker type, a remote or a node. What runs is what runs now, whenever it began.</summary>
/// <param name="Name">What it counts, as the remote names it; unique among its neighbours.</param>
/// <param name="Title">The same for people, harmless to show.</param>
/// <param name="Counts">How many.</param>
/// <param name="Links">The lists behind the numbers; a number without one is told by the parts.</param>
/// <param name="Parts">The same, part by part.</param>
public sealed record CountRow(
    string Name, string Title, StatusCounts Counts, IReadOnlyDictionary<StatusClass, CountLink> Links, IReadOnlyList<CountRow> Parts)
{
    /// <summary>As columns, the most urgent first.</summary>
    public static IReadOnlyList<StatusClass> Columns { get; } =
        [StatusClass.Error, StatusClass.Warning, StatusClass.Unknown, StatusClass.Ok, StatusClass.Running];

    /// <summary>Whether something did not go well.</summary>
    public bool IsTroubled => Counts.Error + Counts.Warning + Counts.Unknown > 0;

    /// <summary>Failures first, then warnings; among equals the order stays.</summary>
    public static IReadOnlyList<CountRow> Sort(IEnumerable<CountRow> rows) =>
        [.. rows.OrderByDescending(row => row.Counts.Error).ThenByDescending(row => row.Counts.Warning).ThenByDescending(row => row.Counts.Unknown)];

    /// <summary>The links of all numbers that are not 0.</summary>
    internal static Dictionary<StatusClass, CountLink> LinksOf(StatusCounts counts, Func<StatusClass, CountLink?> link) => Columns
        .Where(status => StatusWords.Count(status, counts) > 0)
        .Select(status => (Status: status, Link: link(status)))
        .Where(column => column.Link is not null)
        .ToDictionary(column => column.Status, column => column.Link!);
}

/// <summary>The list behind a number.</summary>
/// <param name="Url">Relative to the base.</param>
/// <param name="Besides">Worker types that the list has beyond what was counted; none: the list is exactly it.</param>
public sealed record CountLink(string Url, IReadOnlyList<string> Besides);
