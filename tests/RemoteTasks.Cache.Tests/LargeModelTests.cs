using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>As <see cref="ModelTests"/>, with enough tasks that merges split files and blocks are many.</summary>
public sealed class LargeModelTests
{
    private const long Now = 1_782_900_000;

    // Invariants checked: listing, total, pages, statistics and look-ups are the model's with everything in the journal, after the
    // apply, after a rotation and after opening again; files have been split at bounds of days; the directory passes its check.
    [Fact]
    public void Two_hundred_thousand_lines_answer_like_the_model_at_every_stage()
    {
        const int seed = 20_260_701;
        var random = new Random(seed);
        var generator = new TaskGenerator(random, Now, spread: 50_000);
        using var cache = new TempCache(Now, new TaskCacheOptions { JournalBytesMax = 1L << 40, InitialFiles = 2, RetainBytesMax = null });
        var model = new MemoryModel();
        foreach (ModelTask[] batch in Tasks(generator, random).Chunk(50_000))
        {
            UpdateResult result = cache.Add([.. batch.Select(generator.Record), generator.Rubbish(), generator.Rubbish()]);
            Assert.Equal([batch.Length, batch.Length + 1], result.Rejected.Select(rejected => rejected.Index));
            model.Update(batch, []);
        }

        ModelTask[] all = model.All();
        ModelCheck.Listing(cache.Cache, all);
        Assert.Null(cache.Add().Applied);
        cache.Apply();
        Assert.True(cache.Archives().Length > 5, string.Join(' ', cache.Archives()));
        ModelCheck.Listing(cache.Cache, all);
        Assert.NotNull(cache.RotateAt(Now + 86_400).Begun);
        ModelCheck.Listing(cache.Cache, all);
        cache.Reopen();
        ModelCheck.Listing(cache.Cache, all);
        using CacheReader reader = cache.Cache.Read();
        for (int i = 0; i < 100; i++)
            ModelCheck.SomePage(reader, all, generator.Query(), random);
    }

    // Invariants checked: each task once, in its last version and in order, when what belongs to one archive is more than is in memory at once.
    [Fact]
    public void A_journal_that_is_merged_in_parts_is_merged_whole()
    {
        const int Tasks = 120_000;
        const int BatchTasks = 20_000;
        string status = new('x', 100);
        TaskRecord Record(int i, string status) => Some.Finished(1000 + (i / 3), status, upid: Some.Upid(1000 + (i / 3), pid: i));
        using var cache = new TempCache(
            1000, TempCache.Small with { PlainFiles = 0, InitialFiles = 1, JournalBytesMax = int.MaxValue, JournalBytesMaxWhileFilling = int.MaxValue });
        cache.Add([.. Enumerable.Range(0, Tasks / 7).Select(i => Record(i * 7, "older"))]);
        cache.Apply();

        // What belongs to a part lies all over the journal.
        int[] order = [.. Enumerable.Range(0, Tasks)];
        new Random(5).Shuffle(order);
        foreach (int[] batch in order.Chunk(BatchTasks))
            cache.Add([.. batch.Select(i => Record(i, status))]);
        Assert.InRange(new FileInfo(cache.PathOf("journal")).Length, 24 << 20, int.MaxValue);
        cache.Reopen();
        Assert.Equal(Tasks, cache.Apply().Rows);

        IReadOnlyList<TaskRow> rows = cache.List(new TaskQuery { Limit = 0 }).Rows;
        Assert.Equal(order.OrderDescending().GroupBy(i => i / 3).SelectMany(group => group.Order()).Select(i => Some.Upid(1000 + (i / 3), pid: i)), rows.Select(row => row.Upid));
        Assert.All(rows, row => Assert.Equal(status, row.Status));
    }

    // Invariants checked: pages anywhere, totals, continuation and statistics of random filters are the model's in an archive that is longer than
    // what a page looks at at once, with lines of the journal before, between and in place of its rows.
    [Fact]
    public void One_long_archive_with_lines_over_it_answers_like_the_model()
    {
        var random = new Random(20_261_124);
        var generator = new TaskGenerator(random, Now, spread: 50_000);
        using var cache = new TempCache(
            Now, new TaskCacheOptions { JournalBytesMax = 1L << 40, InitialFiles = 1, PlainFiles = 0, RotateAfter = TimeSpan.FromDays(20_000), RetainBytesMax = null });
        var model = new MemoryModel();
        ModelTask[] tasks = [.. Tasks(generator, random).Take(150_000).Where(task => task.End is not null)];
        cache.Add([.. tasks.Select(generator.Record)]);
        cache.Apply();
        Assert.Single(cache.Archives());
        ModelTask[] over = [.. Enumerable.Range(0, 3_000).Select(_ => random.Next(2) == 0 ? generator.Again(generator.Pick(tasks), runs: false) : generator.Task(isRunning: false))];
        cache.Add([.. over.Select(generator.Record)]);
        model.Update(tasks, []);
        model.Update(over, []);
        ModelTask[] all = model.All();
        using CacheReader reader = cache.Cache.Read();
        for (int i = 0; i < 150; i++)
            ModelCheck.SomePage(reader, all, generator.Query(), random);
    }

    private static IEnumerable<ModelTask> Tasks(TaskGenerator generator, Random random)
    {
        var known = new List<ModelTask>();
        for (int i = 0; i < 200_000; i++)
        {
            bool isAgain = known.Count > 0 && random.Next(5) == 0;
            ModelTask task = isAgain ? generator.Again(generator.Pick(known), random.Next(50) == 0) : generator.Task(isRunning: random.Next(200) == 0);
            if (!isAgain)
                known.Add(task);
            yield return task;
        }
    }
}
