using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.State;

/// <summary>How events change the state. Nothing here reads or writes a file.</summary>
internal static class StateChanges
{
    /// <summary>
    /// Whether a batch leaves the state as it is, as most do: then it need not be made out of the file again, which grows with the fleet, and compared with it.
    /// Says no when in doubt; nodes that are known are known from a state that was understood.
    /// </summary>
    internal static bool ChangeNothing(CacheState state, TaskBatch batch, Func<string, bool> isEnded) =>
        batch.Nodes.Count > 0
        && state.Renamed is null
        && batch.Nodes.All(report => state.Find(report.Remote, report.Node) is { } known && SaysNothingNew(known, report))
        && batch.Track.All(state.TrackedTasks.Contains)
        && !state.TrackedTasks.Any(isEnded);

    private static bool SaysNothingNew(NodeState known, NodeReport report) =>
        report.Gap is null
        && report.Reached == known.NotReachedSince is null
        && (report.Cutoff is not { } cutoff || cutoff == known.Cutoff || (cutoff < known.Cutoff && !report.ClockSetBack));

    internal static void Apply(StateDocument state, TaskBatch batch, Func<string, bool> isEnded)
    {
        foreach (NodeReport report in batch.Nodes)
        {
            NodeStateDocument node = state.Node(report.Remote, report.Node);

            // Who reports under the new name knows of it.
            if (report.Remote == state.Renamed?.To)
                state.Renamed = null;
            if (report.Reached)
                node.NotReachedSince = null;
            else
                node.NotReachedSince ??= report.At;
            if (report.Cutoff > node.Cutoff || (report.Cutoff is not null && report.ClockSetBack))
                node.Cutoff = report.Cutoff.Value;
            if (report.Gap is { } gap)
                AddGap(node, gap);
        }

        foreach (string upid in batch.Track)
        {
            if (!state.TrackedTasks.Contains(upid))
                state.TrackedTasks.Add(upid);
        }

        state.TrackedTasks.RemoveAll(upid => isEnded(upid));
    }

    internal static void RequestRepair(StateDocument state, IReadOnlyCollection<Damage> damage)
    {
        foreach (Damage part in damage)
        {
            bool isKnown = state.Repairs?.Any(known =>
                known.Settled is null && known.File == part.File && known.From <= part.From && known.To >= part.To) == true;
            if (!isKnown)
                (state.Repairs ??= []).Add(new RepairDocument(part.File, part.From, part.To, part.Problem));
        }

        while (state.Repairs?.Count > Limits.DamageRecordsMax && (RemoveSettled(state.Repairs) || JoinTwo(state.Repairs)))
        {
        }
    }

    private static bool RemoveSettled(List<RepairDocument> repairs)
    {
        int settled = repairs.FindIndex(static repair => repair.Settled is not null);
        if (settled >= 0)
            repairs.RemoveAt(settled);
        return settled >= 0;
    }

    /// <summary>Of the file with the most records the two that lie nearest become one, which claims too much rather than too little; false where no file has two.</summary>
    private static bool JoinTwo(List<RepairDocument> repairs)
    {
        RepairDocument[] most = [.. repairs.GroupBy(repair => repair.File, StringComparer.Ordinal).MaxBy(file => file.Count())!.OrderBy(repair => repair.From)];
        if (most.Length < 2)
            return false;
        int nearest = Enumerable.Range(1, most.Length - 1).MinBy(i => most[i].From - most[i - 1].To);
        (RepairDocument earlier, RepairDocument later) = (most[nearest - 1], most[nearest]);
        repairs.Remove(later);
        repairs[repairs.IndexOf(earlier)] = earlier with { To = Math.Max(earlier.To, later.To) };
        return true;
    }

    internal static void SettleRepair(StateDocument state, Damage damage, long now)
    {
        for (int i = 0; i < (state.Repairs?.Count ?? 0); i++)
        {
            RepairDocument repair = state.Repairs![i];
            if (repair.Settled is null && repair.File == damage.File && repair.From == damage.From && repair.To == damage.To)
                state.Repairs[i] = repair with { Settled = now };
        }
    }

    internal static void Rename(StateDocument state, string from, string to)
    {
        if (state.RemoteState.Remove(from, out RemoteStateDocument? remote))
            state.RemoteState[to] = remote;
    }

    /// <summary>Gaps that touch become one; beyond a limit the two oldest are joined, which claims too much rather than too little.</summary>
    private static void AddGap(NodeStateDocument node, HistoryGap gap)
    {
        long from = Math.Min(gap.From, gap.To);
        long to = Math.Max(gap.From, gap.To);
        List<GapDocument> gaps = node.Gaps ?? [];
        gaps.RemoveAll(known =>
        {
            bool touches = known.From <= to && known.To >= from;
            if (touches)
                (from, to) = (Math.Min(from, known.From), Math.Max(to, known.To));
            return touches;
        });
        gaps.Add(new GapDocument(from, to));
        gaps.Sort((a, b) => a.From.CompareTo(b.From));
        if (gaps.Count > Limits.GapsPerNodeMax)
        {
            gaps[1] = new GapDocument(gaps[0].From, gaps[1].To);
            gaps.RemoveAt(0);
        }

        node.Gaps = gaps;
    }
}
