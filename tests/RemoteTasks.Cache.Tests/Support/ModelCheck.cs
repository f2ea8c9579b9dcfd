namespace RemoteTasks.Cache.Tests.Support;

/// <summary>Compares everything a reader answers with the model.</summary>
internal static class ModelCheck
{
    internal static void Whole(TaskCache cache, ModelTask[] expected, IEnumerable<TaskQuery> queries, Random random)
    {
        using CacheReader reader = cache.Read();
        TaskPage page = reader.List(new TaskQuery { Limit = 0 });
        Rows(expected, page.Rows);
        Assert.Equal(expected.Length, page.Total);
        Assert.Null(page.Next);
        Assert.Empty(reader.Damage);
        foreach (TaskQuery query in queries)
            Query(reader, expected, query, random);
        if (expected.Length > 0)
        {
            ModelTask one = expected[random.Next(expected.Length)];
            Assert.Equal(one.Show(), ModelTask.Show(Assert.IsType<TaskRow>(reader.Find(random.Next(2) == 0 ? one.Upid : one.OldForm))));
        }
    }

    /// <summary>Only the whole listing, for many tasks.</summary>
    internal static void Listing(TaskCache cache, ModelTask[] expected)
    {
        using CacheReader reader = cache.Read();
        TaskListing stream = reader.Stream(new TaskQuery { Limit = 0 });
        Rows(expected, [.. stream]);
        Assert.Equal(expected.Length, stream.Total);
        Assert.Empty(reader.Damage);
    }

    /// <summary>A page anywhere in the answer; now and then also the one behind it, and the statistics. For many tasks.</summary>
    internal static void SomePage(CacheReader reader, ModelTask[] all, TaskQuery query, Random random)
    {
        ModelTask[] expected = [.. all.Where(task => task.Matches(query))];
        int start = random.Next(expected.Length + 1);
        TaskPage page = reader.List(query with { Start = start, Limit = 70 });
        Rows([.. expected.Skip(start).Take(70)], page.Rows);
        Assert.Equal(expected.Length, page.Total);
        Assert.Equal(start + 70 < expected.Length, page.Next is not null);
        if (random.Next(4) > 0)
            return;
        if (page.Next is not null)
            Rows([.. expected.Skip(start + 70).Take(7)], reader.List(query with { After = page.Next, Limit = 7 }).Rows);
        Assert.Equal(MemoryModel.Count(expected, _ => 0).GetValueOrDefault(0), reader.Statistics(query).All);
        Histogram(reader, expected, query, random.Next(1, 300));
    }

    /// <summary>Every part of it, counted one by one.</summary>
    private static void Histogram(CacheReader reader, ModelTask[] expected, TaskQuery query, int partsMax)
    {
        TaskHistogram histogram = reader.Histogram(query, partsMax);
        Assert.InRange(histogram.Parts.Count, 0, partsMax);
        Assert.Equal(0, histogram.From % histogram.Seconds);
        Dictionary<long, StatusCounts> parts = MemoryModel.Count(expected, task => (task.Start - histogram.From) / histogram.Seconds);
        Assert.Equal(parts.Values.Sum(part => part.Total), histogram.Parts.Sum(part => part.Total));
        for (int i = 0; i < histogram.Parts.Count; i++)
            Assert.Equal(parts.GetValueOrDefault(i), histogram.Parts[i]);
    }

    private static void Query(CacheReader reader, ModelTask[] all, TaskQuery query, Random random)
    {
        ModelTask[] expected = [.. all.Where(task => task.Matches(query))];
        TaskPage page = reader.List(query);
        Rows(expected, page.Rows);
        Assert.Equal(expected.Length, page.Total);

        int size = Math.Max(1, random.Next(expected.Length + 2) / (1 + random.Next(5)));
        PagesByStart(reader, expected, query, size);
        PagesByContinuation(reader, expected, query, size);

        TaskStatistics statistics = reader.Statistics(query);
        Assert.Equal(MemoryModel.Count(expected, _ => 0).GetValueOrDefault(0), statistics.All);
        Same(MemoryModel.Count(expected, task => task.Type), statistics.ByType);
        Same(MemoryModel.Count(expected, task => task.Remote), statistics.ByRemote);
        Same(MemoryModel.Count(expected, task => (task.Remote, task.Node)), statistics.ByNode);
        Histogram(reader, expected, query, random.Next(1, 60));
    }

    private static void PagesByStart(CacheReader reader, ModelTask[] expected, TaskQuery query, int size)
    {
        for (int start = 0; start <= expected.Length; start += size)
        {
            TaskPage page = reader.List(query with { Start = start, Limit = size });
            Rows([.. expected.Skip(start).Take(size)], page.Rows);
            Assert.Equal(expected.Length, page.Total);
            Assert.Equal(start + size < expected.Length ? expected[start + size - 1].Upid : null, page.Next);
        }
    }

    private static void PagesByContinuation(CacheReader reader, ModelTask[] expected, TaskQuery query, int size)
    {
        var rows = new List<TaskRow>();
        string? after = null;
        do
        {
            TaskPage page = reader.List(query with { After = after, Limit = size });
            Assert.Equal(expected.Length, page.Total);
            rows.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null && rows.Count <= expected.Length);
        Rows(expected, rows);
    }

    private static void Rows(ModelTask[] expected, IReadOnlyList<TaskRow> rows) =>
        Assert.Equal(expected.Select(task => task.Show()), rows.Select(ModelTask.Show));

    private static void Same<TKey>(Dictionary<TKey, StatusCounts> expected, IReadOnlyDictionary<TKey, StatusCounts> actual)
        where TKey : notnull => Assert.Equal(
            expected.Select(entry => $"{entry.Key} {entry.Value}").Order(StringComparer.Ordinal),
            actual.Select(entry => $"{entry.Key} {entry.Value}").Order(StringComparer.Ordinal));
}
