using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using RemoteTasks.Cache;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Ui.Components;

namespace RemoteTasks.Server.Ui.Overview;

/// <summary>What became of the tasks that began since a time, failures first, and what runs now.</summary>
/// <param name="All">Over all.</param>
/// <param name="Kinds">Kind by kind, with worker types as parts.</param>
/// <param name="Remotes">Remote by remote, with nodes as parts.</param>
/// <param name="Reasons">Why tasks failed.</param>
/// <param name="Lacks">What the figures cannot speak for.</param>
internal sealed record OverviewSummary(
    StatusCounts All, IReadOnlyList<CountRow> Kinds, IReadOnlyList<CountRow> Remotes, FailureReasons Reasons, IReadOnlyList<UnknownPart> Lacks)
{
    internal static OverviewSummary Read(CacheReader reader, long since, HiddenNodes hidden)
    {
        var query = new TaskQuery { Since = since };
        TaskStatistics ended = reader.Statistics(query);
        TaskStatistics running = reader.Statistics(new TaskQuery { Scope = TaskScope.Running });
        return new OverviewSummary(
            Join(ended.All, running.All),
            Kinded(Join(ended.ByType, running.ByType), since),
            ByRemote(Join(ended.ByRemote, running.ByRemote), Join(ended.ByNode, running.ByNode), since),
            FailureReasons.Of(reader, since),
            UnknownPart.Join(ended.Unknown, reader.State, query, hidden));
    }

    private static IReadOnlyList<CountRow> Kinded(Dictionary<string, StatusCounts> types, long since)
    {
        ILookup<TaskKind, string> kinds = types.Keys.ToLookup(TaskKind.Of);
        return CountRow.Sort(TaskKind.All.Where(kinds.Contains).Select(kind =>
        {
            string[] own = [.. kinds[kind].Order(StringComparer.Ordinal)];
            StatusCounts counts = own.Aggregate(default(StatusCounts), (sum, type) => sum.Plus(types[type]));
            CountLink? LinkOf(StatusClass status)
            {
                string?[] filters = own.Length == 1 ? [kind.Filter, own[0]] : [kind.Filter];
                return filters.OfType<string>().Select(filter => Link(types, own, filter, status, since)).FirstOrDefault(link => link?.Besides.Count == 0);
            }

            return new CountRow(kind.Title, kind.Title, counts, CountRow.LinksOf(counts, LinkOf), CountRow.Sort(own.Select(type => new CountRow(
                type, WorkerTypes.Text(type), types[type], CountRow.LinksOf(types[type], status => Link(types, [type], type, status, since)), []))));
        }));
    }

    /// <summary>The list of some types by a part of their names; null when that part is not in all that count.</summary>
    private static CountLink? Link(Dictionary<string, StatusCounts> types, string[] own, string filter, StatusClass status, long since)
    {
        string[] wanted = [.. own.Where(type => StatusWords.Count(status, types[type]) > 0)];
        return wanted.Any(type => !type.Contains(filter, StringComparison.Ordinal))
            ? null
            : new CountLink(Url(status, since, ("typefilter", filter)), [.. types.Keys
                .Where(type => StatusWords.Count(status, types[type]) > 0 && type.Contains(filter, StringComparison.Ordinal) && !wanted.Contains(type))
                .Order(StringComparer.Ordinal)]);
    }

    private static IReadOnlyList<CountRow> ByRemote(
        Dictionary<string, StatusCounts> remotes, Dictionary<(string Remote, string Node), StatusCounts> nodes, long since)
    {
        ILookup<string, string> named = nodes.Keys.ToLookup(node => node.Remote, node => node.Node, StringComparer.Ordinal);
        return CountRow.Sort(remotes.OrderBy(remote => remote.Key, StringComparer.Ordinal).Select(remote => new CountRow(
            remote.Key,
            VisibleText.Of(remote.Key),
            remote.Value,
            CountRow.LinksOf(remote.Value, status => new CountLink(Url(status, since, ("remote", remote.Key)), [])),
            CountRow.Sort(named[remote.Key].Order(StringComparer.Ordinal).Select(node => new CountRow(
                node,
                VisibleText.Of(node, 80),
                nodes[(remote.Key, node)],
                CountRow.LinksOf(nodes[(remote.Key, node)], status => new CountLink(Url(status, since, ("remote", remote.Key), ("node", node)), [])),
                []))))));
    }

    /// <summary>What runs is looked for at any time: what runs for longer than all others is what matters most.</summary>
    internal static string Url(StatusClass status, long since, params ReadOnlySpan<(string Name, string Value)> filters)
    {
        var parts = new List<KeyValuePair<string, string?>> { new("statusfilter", StatusWords.Of(status)) };
        if (status != StatusClass.Running)
            parts.Add(new("since", since.ToString(CultureInfo.InvariantCulture)));
        foreach ((string name, string value) in filters)
            parts.Add(new(name, value));
        return QueryHelpers.AddQueryString("tasks", parts);
    }

    private static StatusCounts Join(in StatusCounts ended, in StatusCounts running) => ended with { Running = running.Running };

    private static Dictionary<TKey, StatusCounts> Join<TKey>(IReadOnlyDictionary<TKey, StatusCounts> ended, IReadOnlyDictionary<TKey, StatusCounts> running)
        where TKey : notnull =>
        ended.Keys.Union(running.Keys)
            .Select(key => (Key: key, Counts: Join(ended.GetValueOrDefault(key), running.GetValueOrDefault(key))))
            .Where(entry => entry.Counts.Total > 0)
            .ToDictionary(entry => entry.Key, entry => entry.Counts);
}
