namespace RemoteTasks.Cache;

/// <summary>How many tasks of each status began when. What is asked for as one time is cut into equal parts.</summary>
/// <param name="From">Where the first part begins, seconds since the epoch; a whole number of parts since then.</param>
/// <param name="Seconds">How long each part is.</param>
/// <param name="Parts">Counts, oldest first; none when there is no task at all.</param>
public sealed record TaskHistogram(long From, long Seconds, IReadOnlyList<StatusCounts> Parts)
{
    /// <summary>The most parts that can be asked for.</summary>
    public const int PartsMax = 1000;
}
