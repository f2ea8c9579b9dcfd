using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>Counts by worker type and node, of spans of time.</summary>
public sealed class StatisticsTests
{
    private const int Tasks = 1_200;

    // Invariants checked: for spans longer and shorter than half an archive, counts are those of a loop, however many types and nodes there are;
    // also when some of its tasks have a later version in the journal.
    [Theory]
    [InlineData(5)]
    [InlineData(100)]
    [InlineData(400)]
    public void A_span_is_counted_like_one_by_one(int types)
    {
        using var cache = new TempCache(0, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        cache.Add([.. Enumerable.Range(0, Tasks).Select(start => Task(start, types, start % 3 == 0 ? "failed" : "OK"))]);
        cache.Apply();
        cache.Add(Task(10, types, "WARNINGS: 1"), Task(Tasks - 10, types, "WARNINGS: 1"));
        using CacheReader reader = cache.Cache.Read();
        foreach ((int since, int until) in (ReadOnlySpan<(int, int)>)[(0, Tasks), (5, Tasks - 100), (100, 500), (11, Tasks - 10), (10, Tasks - 11), (11, 500), (600, Tasks - 10), (Tasks - 50, Tasks), (700, 700), (Tasks + 1, Tasks + 2)])
        {
            TaskStatistics counted = reader.Statistics(new TaskQuery { Since = since, Until = until });
            int[] starts = [.. Enumerable.Range(0, Tasks).Where(start => start >= since && start <= until)];
            Assert.Equal(starts.Length, counted.All.Total);
            Assert.Equal(starts.CountBy(start => start % types).ToDictionary(pair => $"type-{pair.Key}", pair => (long)pair.Value), counted.ByType.ToDictionary(pair => pair.Key, pair => pair.Value.Total));
            Assert.Equal(starts.CountBy(start => start % (types + 1)).Count(), counted.ByNode.Count);
            Assert.Equal(starts.Count(start => start is 10 or Tasks - 10), counted.All.Warning);
            Assert.Equal(starts.Count(start => start % 3 == 0 && start is not (10 or Tasks - 10)), counted.All.Error);
        }
    }

    [Fact]
    public void Each_status_counts_for_the_whole()
    {
        using var cache = new TempCache(1000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        string[] statuses = ["OK", "WARNINGS: 2", "failed", "unknown", ""];
        cache.Add([.. statuses.SelectMany((status, i) => Enumerable.Range(0, i + 1).Select(j => Some.Finished(1000 + (10 * i) + j, status))), Some.Running(2000)]);
        StatusCounts expected = new StatusCounts(1, 2, 3, 4 + 5, 1).Plus(default);
        foreach (bool isApplied in (bool[])[false, true])
        {
            if (isApplied)
                cache.Apply();
            using CacheReader reader = cache.Cache.Read();
            Assert.Equal(expected, reader.Statistics(new TaskQuery()).All);
            Assert.Equal(16, reader.Statistics(new TaskQuery()).All.Total);
        }
    }

    private static TaskRecord Task(int start, int types, string status) =>
        Some.Finished(start, status, upid: Some.Upid(start, type: $"type-{start % types}", node: $"node-{start % (types + 1)}"));
}
