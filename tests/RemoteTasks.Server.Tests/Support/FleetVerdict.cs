using RemoteTasks.Cache;
using RemoteTasks.FakeFleet;

namespace RemoteTasks.Server.Tests.Support;

/// <summary>The list against all that ever began in a fleet, task for task.</summary>
internal sealed class FleetVerdict
{
    private readonly Dictionary<string, (long? End, string? Status)> _listed = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Remote, string Node), IReadOnlyList<HistoryGap>> _gaps;
    private readonly HashSet<(string Remote, string Node, HistoryGap Gap)> _real = [];

    private FleetVerdict(CacheReader reader)
    {
        _gaps = reader.State.Nodes.ToDictionary(node => (node.Remote, node.Node), node => node.Gaps);
        foreach (TaskRow row in reader.List(new TaskQuery { Limit = 0 }).Rows)
        {
            if (!_listed.TryAdd(row.Upid, (row.EndTime, row.Status)))
                Faults.Add($"twice: {row.Upid}");
        }
    }

    internal int Tasks { get; private set; }

    /// <summary>Tasks listed as they are.</summary>
    internal int Equal { get; private set; }

    /// <summary>Tasks that are not listed, in a recorded gap.</summary>
    internal int Missing { get; private set; }

    /// <summary>Tasks whose end was forgotten in a recorded gap, and that are listed so.</summary>
    internal int UnknownEnds { get; private set; }

    /// <summary>Recorded gaps.</summary>
    internal int Gaps { get; private set; }

    /// <summary>Recorded gaps in which nothing is missing, although the node had forgotten all that was known of it.</summary>
    internal int EmptyGaps { get; private set; }

    /// <summary>What is missing without a gap, listed and never was, or wrong; and gaps that are none.</summary>
    internal List<string> Faults { get; } = [];

    internal static FleetVerdict Of(Daemon daemon)
    {
        using CacheReader reader = daemon.Server.Cache.Read();
        var verdict = new FleetVerdict(reader);
        foreach (FakeTask task in daemon.Fleet.Everything())
            verdict.Judge(task);
        verdict.Faults.AddRange(verdict._listed.Keys.Select(upid => $"never was: {upid}"));
        foreach (((string remote, string node), IReadOnlyList<HistoryGap> spans) in verdict._gaps)
        {
            verdict.Gaps += spans.Count;
            foreach (HistoryGap span in spans.Where(span => !verdict._real.Contains((remote, node, span))))
            {
                // All that was known was forgotten, and by chance nothing else: no answer of the node can tell.
                if (daemon.Fleet.Remotes.Any(any => any.Id == remote && any.Nodes.Contains(node)) && daemon.Fleet.Beginnings(remote, node).Any(end => end >= span.From && end <= span.To))
                    verdict.EmptyGaps++;
                else
                    verdict.Faults.Add($"no gap: {remote} {node} {span}");
            }
        }

        return verdict;
    }

    private void Judge(FakeTask task)
    {
        Tasks++;
        string upid = $"{task.RemoteType}:{task.Remote}!{task.Upid}";
        bool isListed = _listed.Remove(upid, out (long? End, string? Status) row);
        if (isListed && (task.EndTime is null ? row.End is null : row == (task.EndTime, task.Status)))
        {
            Equal++;
            return;
        }

        // Of what began before the span, the end may have been forgotten in it.
        HistoryGap? gap = _gaps.GetValueOrDefault((task.Remote, task.Node))?.FirstOrDefault(
            gap => task.StartTime <= gap.To && (isListed ? task.EndTime <= gap.To : task.StartTime >= gap.From));
        if (gap is not null)
            _real.Add((task.Remote, task.Node, gap));
        if (gap is null)
            Faults.Add($"{(isListed ? $"listed as {row}" : "missing")}: {upid} {task.EndTime} {task.Status}");
        else if (!isListed)
            Missing++;
        else if (row.Status == "unknown")
            UnknownEnds++;
        else
            Faults.Add($"wrong: {row} for {upid} {task.EndTime} {task.Status}");
    }
}
