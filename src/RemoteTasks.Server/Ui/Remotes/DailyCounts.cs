using RemoteTasks.Cache;

namespace RemoteTasks.Server.Ui.Remotes;

/// <summary>How many tasks began on each remote on each of the last days (of UTC).</summary>
internal sealed class DailyCounts
{
    internal const int Days = 14;

    private const long SecondsPerDay = 24 * 3600;

    private readonly (long From, IReadOnlyDictionary<string, StatusCounts> ByRemote)[] _days;

    private DailyCounts((long From, IReadOnlyDictionary<string, StatusCounts> ByRemote)[] days) => _days = days;

    internal static DailyCounts None { get; } = new([]);

    internal static DailyCounts Read(CacheReader reader, long now)
    {
        long today = now - (now % SecondsPerDay);
        return new DailyCounts([.. Enumerable.Range(0, Days).Select(day =>
        {
            long from = today - ((Days - 1 - day) * SecondsPerDay);
            return (from, reader.Statistics(new TaskQuery { Since = from, Until = from + SecondsPerDay - 1 }).ByRemote);
        })]);
    }

    internal IReadOnlyList<DayView> Of(string remote) => [.. _days.Select(day =>
    {
        StatusCounts counts = day.ByRemote.GetValueOrDefault(remote);
        return new DayView(day.From, counts.Total, counts.Error);
    })];
}
