namespace RemoteTasks.Cache.Query;

/// <summary>Says what an answer cannot speak for: nodes out of reach, history forgotten before it was fetched, damaged files.</summary>
internal static class UnknownSpans
{
    internal static IReadOnlyList<UnknownSpan> For(TaskQuery query, CacheState state, IReadOnlyCollection<Damage> damage)
    {
        var spans = new List<UnknownSpan>();
        foreach (NodeState node in state.Nodes.Where(node => query.Remote is null || node.Remote == query.Remote))
        {
            if (!IsAsked(query, node.Node))
                continue;
            if (node.NotReachedSince is { } since)
                spans.Add(new UnknownSpan(UnknownReason.NotReached, node.Remote, node.Node, since, To: null));
            spans.AddRange(node.Gaps.Select(gap => new UnknownSpan(UnknownReason.Forgotten, node.Remote, node.Node, gap.From, gap.To)));
        }

        IEnumerable<Damage> open = state.Repairs.Where(repair => repair.Settled is null).Select(repair => repair.Damage);
        spans.AddRange(open.Concat(damage).Select(part => (part.From, part.To)).Distinct()
            .Select(part => new UnknownSpan(UnknownReason.Damaged, Remote: null, Node: null, part.From, part.To == long.MaxValue ? null : part.To)));

        return [.. spans
            .Where(span => !(span.From > query.Until) && !(span.To < query.Since))
            .OrderBy(span => span.Remote, StringComparer.Ordinal)
            .ThenBy(span => span.Node, StringComparer.Ordinal)
            .ThenBy(span => span.From)];
    }

    /// <summary>A Backup Server is polled as <c>localhost</c> and named otherwise in its UPIDs, so it may always be the one that is asked for.</summary>
    private static bool IsAsked(TaskQuery query, string node) => query.Node is null || query.Node == node || node == "localhost";
}
