using RemoteTasks.Cache;
using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>What became of polling a remote now.</summary>
/// <param name="IsUnderWay">Whether it goes on.</param>
/// <param name="IsFailed">Whether something went wrong.</param>
/// <param name="Words">For people, harmless to show.</param>
public sealed record RefreshRun(bool IsUnderWay, bool IsFailed, string Words);

/// <summary>Polls remotes when somebody on a page wants to know now. Who wants the same meanwhile, here or elsewhere, gets the outcome of the poll under way.</summary>
internal sealed class RefreshRuns(FleetPoller poller)
{
    private readonly Dictionary<string, RefreshRun> _runs = new(StringComparer.Ordinal);

    internal int UnderWay => _runs.Values.Count(run => run.IsUnderWay);

    internal int Failed => _runs.Values.Count(run => run.IsFailed);

    internal int All => _runs.Count;

    /// <summary>Of one remote; null: nobody here wanted to know.</summary>
    internal RefreshRun? Find(string remote) => _runs.GetValueOrDefault(remote);

    /// <summary>Polls and waits; tells of every step.</summary>
    internal async Task RunAsync(IReadOnlyCollection<string> remotes, Action changed, CancellationToken ct)
    {
        foreach (string remote in _runs.Where(run => !run.Value.IsUnderWay).Select(run => run.Key).ToArray())
            _runs.Remove(remote);
        string[] wanted = [.. remotes.Where(remote => !_runs.ContainsKey(remote))];
        foreach (string remote in wanted)
            _runs[remote] = new RefreshRun(IsUnderWay: true, IsFailed: false, "Polling …");
        changed();
        await Task.WhenAll(wanted.Select(remote => RunAsync(remote, changed, ct)));
    }

    private async Task RunAsync(string remote, Action changed, CancellationToken ct)
    {
        try
        {
            PollOutcome[] outcomes = await poller.RefreshAsync([remote], ct);
            _runs[remote] = outcomes.Length == 0 ? Failure("It is not polled any more.") : Outcome(outcomes[0]);
        }
        catch (OperationCanceledException)
        {
            // The page is closed, or the daemon ends: nobody looks any more.
            return;
        }
        catch (Exception error) when (error is IOException or CacheException)
        {
            _runs[remote] = Failure($"Not stored: {error.Message}");
        }

        changed();
    }

    private static RefreshRun Outcome(PollOutcome outcome)
    {
        string found = outcome.New == 0 ? "Nothing new" : $"{outcome.New:N0} new {(outcome.New == 1 ? "task" : "tasks")}";
        return outcome.Problems.Count == 0
            ? new RefreshRun(IsUnderWay: false, IsFailed: false, found)
            : Failure($"{found}; {outcome.Problems.Count:N0} {(outcome.Problems.Count == 1 ? "node" : "nodes")} without a full answer");
    }

    private static RefreshRun Failure(string words) => new(IsUnderWay: false, IsFailed: true, Components.VisibleText.Of(words, 500));
}
