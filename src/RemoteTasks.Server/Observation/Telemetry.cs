using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Observation;

/// <summary>
/// What happens, counted, measured and traced; who listens is set up in <see cref="TelemetrySetup"/>. Tags are ids of remotes and words of ours, never text of a
/// remote, so that nobody outside decides how many series there are.
/// </summary>
internal static class Telemetry
{
    internal const string Name = "RemoteTasks";

    private const string Remote = "remote";

    // From a write that the disk takes at once to a remote that takes all the time it is given.
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> PollSeconds =
        Meter.CreateHistogram<double>("remote_tasks.poll.duration", "s", "Polls of a remote, all its nodes included.", tags: null, Seconds);

    private static readonly Counter<long> PollFailures =
        Meter.CreateCounter<long>("remote_tasks.poll.failures", unit: null, "Nodes that gave no full answer, by kind of failure.");

    private static readonly Counter<long> TasksStored = Meter.CreateCounter<long>("remote_tasks.tasks.stored", unit: null, "Finished tasks that were new.");

    private static readonly Histogram<double> UpkeepSeconds =
        Meter.CreateHistogram<double>("remote_tasks.upkeep.duration", "s", "Upkeep of the cache: rotate, apply, repair.", tags: null, Seconds);

    private static readonly Histogram<double> WriteSeconds =
        Meter.CreateHistogram<double>("remote_tasks.cache.write.duration", "s", "Changes of the cache, waiting for their turn not included.", tags: null, Seconds);

    private static readonly Counter<long> LogsFetched =
        Meter.CreateCounter<long>("remote_tasks.kept_logs.fetched", unit: null, "Logs of failed tasks that were asked for, by what became of it.");

    /// <summary>A poll of a remote begins.</summary>
    internal static Measure Poll(string remote) => new(PollSeconds, Source.StartActivity("poll")?.SetTag(Remote, remote), new(Remote, remote));

    /// <summary>A kind of upkeep begins.</summary>
    internal static Measure Upkeep(string work) => new(UpkeepSeconds, Source.StartActivity("upkeep")?.SetTag("work", work), new("work", work));

    /// <summary>A change of the cache begins.</summary>
    internal static Measure Write() => new(WriteSeconds, Source.StartActivity("cache write"), tag: null);

    internal static void Failed(string remote, string kind) => PollFailures.Add(1, new(Remote, remote), new("kind", kind));

    internal static void Stored(string remote, int tasks)
    {
        if (tasks > 0)
            TasksStored.Add(tasks, new KeyValuePair<string, object?>(Remote, remote));
    }

    internal static void LogFetched(string outcome) => LogsFetched.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>A kind of failure as a tag.</summary>
    internal static string Word(ProxmoxErrorKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());
}

/// <summary>Something that takes time, until it is disposed of.</summary>
internal readonly struct Measure(Histogram<double> seconds, Activity? activity, KeyValuePair<string, object?>? tag) : IDisposable
{
    private readonly long _began = TimeProvider.System.GetTimestamp();

    public void Dispose()
    {
        double took = TimeProvider.System.GetElapsedTime(_began).TotalSeconds;
        if (tag is { } known)
            seconds.Record(took, known);
        else
            seconds.Record(took);
        activity?.Dispose();
    }
}
