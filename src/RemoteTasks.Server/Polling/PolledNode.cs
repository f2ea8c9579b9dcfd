using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Observation;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// One node from poll to poll, while the daemon runs: when it is due, how it is asked, what became of that.
/// </summary>
internal sealed class PolledNode(string name, RemoteLink link, TaskStore store, Freshness freshness, ServerOptions options, ILogger logger)
{
    // What is left alone for as long as there is between two polls is asked by the next one, though that may come a little early.
    private const double EarlierThanPoll = 0.75;

    private readonly TimeProvider _clock = options.Clock;
    private readonly string _remote = link.Remote.Id;
    private Task<NodeResult>? _asking;

    // Null: not looked up yet. It moves on only when what the node answered is stored: what is found missing against the old mark must not be taken for
    // known by the next poll.
    private NodeMark? _mark;
    private string? _signal;
    private long? _listedAt;
    private int _failures;
    private long _retryAt;
    private string? _problem;

    /// <summary>Tasks that began in an hour, of late.</summary>
    internal double TasksPerHour { get; private set; }

    /// <summary>Whether it still has to answer.</summary>
    internal bool IsBusy => _asking is { IsCompleted: false };

    /// <summary>Whether it did not answer when it was asked last, or not as it should.</summary>
    internal bool HasFailed => _failures > 0;

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    internal bool IsDue(PollReason reason, NodeKnowledge known, ClusterSignal? signal)
    {
        if (IsBusy || reason == PollReason.Request)
            return !IsBusy;
        if (_listedAt is not { } listed || HasFailed)
            return _clock.GetTimestamp() >= _retryAt;
        if (signal is null)
            return reason == PollReason.Schedule || known.Watched.Count > 0;
        return IsChanged(signal) || known.Tracked > 0 || _clock.GetElapsedTime(listed) >= PollPlan.Quiet(options.Intervals.Quiet, TasksPerHour);
    }

    /// <summary>Asks it what is new. Who asks must have found it not busy.</summary>
    internal Task<NodeResult> AskAsync(PollReason reason, NodeKnowledge known, TokenRights? rights, ClusterSignal? signal, CancellationToken ct)
    {
        // What has just changed is told of as it is now; that of a node which tells of no change may be old.
        bool isNew = reason != PollReason.Request && signal is not null && IsChanged(signal);
        NodeKnowledge now = known with
        {
            Failures = _failures,
            Running = isNew ? signal!.Running(name) : known.Running,
            NewSince = signal?.NewSince(name, _signal, known.Watched.Select(task => task.Native).ToHashSet(StringComparer.Ordinal)),
        };
        return _asking = AskNowAsync(now, rights, signal?.Of(name), ct);
    }

    /// <summary>Its cluster tells that nothing changed on it.</summary>
    internal void Unchanged(TimeSpan took)
    {
        if (!HasFailed && !IsBusy)
            freshness.Unchanged(_remote, name, Now, took);
    }

    internal NodeResult Failed(string problem, TimeSpan took, string kind)
    {
        Telemetry.Failed(_remote, kind);
        freshness.Failed(_remote, name, Now, took, problem);
        _failures++;
        TimeSpan pause = PollPlan.Retry(options.Intervals.Fetch, options.Intervals.RetryMax, _failures, TasksPerHour, Random.Shared.NextDouble());
        _retryAt = _clock.GetTimestamp() + (long)(pause.TotalSeconds * EarlierThanPoll * _clock.TimestampFrequency);
        if (_problem != problem)
            logger.NodeFailed(_remote, name, problem);
        _problem = problem;
        return new NodeResult(name, Answer: null, new NodeReport(_remote, name, Now) { Reached = false }, problem);
    }

    /// <summary>Its cluster says that it is offline: it is not asked, and asked at once when its cluster says otherwise.</summary>
    internal NodeResult Offline()
    {
        NodeResult result = Failed("The cluster says that this node is offline.", TimeSpan.Zero, "offline");
        _retryAt = _clock.GetTimestamp();
        return result;
    }

    private bool IsChanged(ClusterSignal signal) => signal.Of(name) != _signal;

    private async Task<NodeResult> AskNowAsync(NodeKnowledge known, TokenRights? rights, string? signal, CancellationToken ct)
    {
        long began = _clock.GetTimestamp();
        try
        {
            _mark ??= new NodeMark(await Task.Run(() => RemoteKnowledge.Anchors(store.Cache, link.Remote, known), ct));
            NodeAnswer answer = await new NodePoll(link.Client, link.Gate, _clock).AskAsync(known, _mark, ct);
            if (answer.Gap is not null)
                rights = await link.Rights.AskAsync(link, ct);
            TimeSpan took = _clock.GetElapsedTime(began);
            if (rights?.SeesAllTasks(name) == false)
            {
                // What it hides is not forgotten.
                string problem = HiddenTasks.Problem(link.Remote);
                NodeResult hidden = Failed(problem, took, "hidden");
                freshness.Hidden(_remote, name, Now, took, problem);
                return hidden with { Answer = answer };
            }

            if (answer.Problem is not null)
                return Failed(answer.Problem, took, "incomplete") with { Answer = answer };
            freshness.Reached(_remote, name, Now, took, rights?.SeesAllTasks(name), answer.Mark?.Clock?.Seconds - Now, TasksPerHour);

            // Nothing is also what a token is told that may see nothing.
            long? cutoff = answer.Tasks.Count == 0 && rights is null ? null : answer.Cutoff;
            return new NodeResult(name, answer, new NodeReport(_remote, name, Now) { Cutoff = cutoff, ClockSetBack = answer.ClockSetBack, Gap = answer.Gap }, Problem: null)
            {
                OnStored = () => Succeeded(known, answer, signal, began),
            };
        }
        catch (ProxmoxException error)
        {
            return Failed(error.Message, _clock.GetElapsedTime(began), Telemetry.Word(error.Kind));
        }
    }

    private void Succeeded(NodeKnowledge known, NodeAnswer answer, string? signal, long began)
    {
        if (_listedAt is { } last && known.Cutoff is { } cutoff && _clock.GetElapsedTime(last, began).TotalHours is > 0.001 and var hours)
            TasksPerHour = Math.Max(answer.Tasks.Count(task => task.StartTime > cutoff) / hours, TasksPerHour / 2);
        (_mark, _listedAt, _signal, _failures) = (answer.Mark ?? _mark, began, signal, 0);
        if (_problem is not null)
            logger.NodeRecovered(_remote, name);
        _problem = null;
        if (answer.Rejected.Count > 0)
            logger.RecordsRejected(_remote, name, answer.Rejected.Count, answer.Rejected[0]);
        if (answer.Gap is { } gap)
            logger.HistoryGapFound(_remote, name, gap.From, gap.To);
    }
}
