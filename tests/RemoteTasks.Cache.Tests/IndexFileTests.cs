using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>An index is a cache of its archive: whatever becomes of it, answers stay the same.</summary>
public sealed class IndexFileTests
{
    private const long Now = 1_782_900_000;
    private const long Day = 86_400;
    private const int Tasks = 4_000;

    private static readonly int Filters = Effort.Of(usual: 400, nightly: 400, mutation: 12);
    private static readonly int Step = Effort.Of(usual: 1, nightly: 1, mutation: 29);

    public static TheoryData<string> Fates => ["as it was", "none", "empty", "cut", "noise", "flipped", "swapped", "older version", "a directory"];

    // Invariants checked: rows, order, total, continuation and statistics of random filters are the model's over indexes that were
    // written, are missing, or are wrong in any way; one rotation later every archive has its own index again.
    [Theory]
    [MemberData(nameof(Fates))]
    public void Random_filters_answer_like_the_model(string fate)
    {
        using TempCache cache = Filled(out ModelTask[] tasks);
        var random = new Random(Fates.ToList().FindIndex(row => row.Data == fate));
        foreach (string index in Indexes(cache))
            Suffer(index, fate, random, cache);
        cache.Reopen();
        Compare(cache, tasks, random, Filters);

        foreach (string index in Indexes(cache).Where(Directory.Exists))
            Directory.Delete(index);
        cache.RotateAt(Now);
        Assert.True(Indexes(cache).Length > 5);
        Assert.Equal(
            cache.Archives().Select(name => name.Replace(".zst", ".idx", StringComparison.Ordinal)),
            Indexes(cache).Select(path => Path.GetFileName(path)));
        byte[][] whole = [.. Indexes(cache).Select(File.ReadAllBytes)];
        cache.Reopen();
        Compare(cache, tasks, random, Filters / 10);
        cache.RotateAt(Now);
        Assert.Equal(whole, Indexes(cache).Select(File.ReadAllBytes));
    }

    [Fact]
    public void Every_flipped_byte_is_noticed()
    {
        using var cache = new TempCache(Now, TempCache.Small with { PlainFiles = 0, InitialFiles = 1 });
        var generator = new TaskGenerator(new Random(5), Now);
        ModelTask[] tasks = [.. Enumerable.Range(0, 5).Select(_ => generator.Task(isRunning: false)).DistinctBy(task => task.Upid)];
        cache.Add([.. tasks.Select(generator.Record)]);
        cache.Apply();
        MemoryModel model = ModelOf(tasks);
        string index = Assert.Single(Indexes(cache));
        byte[] good = File.ReadAllBytes(index);
        for (int i = 0; i < good.Length; i += Step)
        {
            byte[] bad = [.. good];
            bad[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(index, bad);
            cache.Reopen();
            ModelCheck.Whole(cache.Cache, model.All(), [new TaskQuery { Limit = 0, User = "root" }, new TaskQuery { Limit = 0, Errors = true }], new Random(i));
        }
    }

    [Fact]
    public void The_index_of_a_replaced_archive_is_not_used()
    {
        using TempCache cache = Filled(out ModelTask[] tasks);
        var random = new Random(3);
        string newest = Indexes(cache)[0];
        byte[] old = File.ReadAllBytes(newest);
        var generator = new TaskGenerator(random, Now, spread: (int)Day / 2);
        ModelTask[] more = [.. Enumerable.Range(0, 300).Select(_ => generator.Task(isRunning: false))];
        cache.Add([.. more.Select(generator.Record)]);
        cache.Apply();
        Assert.NotEqual(old, File.ReadAllBytes(newest));
        File.WriteAllBytes(newest, old);
        cache.Reopen();
        Compare(cache, ModelOf([.. tasks, .. more]).All(), random, 50);
    }

    [Fact]
    public void Indexes_without_an_archive_are_removed()
    {
        using var cache = new TempCache(Now);
        cache.Add();
        File.WriteAllText(cache.PathOf("archive.5.idx"), "stray");
        File.WriteAllText(cache.PathOf("archive.0.idx"), "stray");
        File.WriteAllText(cache.PathOf("archive.05.idx"), "a name of somebody else");
        cache.RotateAt(Now);
        Assert.False(File.Exists(cache.PathOf("archive.5.idx")));
        Assert.False(File.Exists(cache.PathOf("archive.0.idx")));
        Assert.True(File.Exists(cache.PathOf("archive.05.idx")));
    }

    private static TempCache Filled(out ModelTask[] tasks)
    {
        var cache = new TempCache(Now, new TaskCacheOptions { RetainBytesMax = null });
        var generator = new TaskGenerator(new Random(11), Now, spread: (int)Day / 2);
        ModelTask[] all = [.. Enumerable.Range(0, Tasks).Select(_ => generator.Task(isRunning: false))];
        cache.Add([.. all.Select(generator.Record)]);
        cache.Apply();
        tasks = ModelOf(all).All();
        return cache;
    }

    private static MemoryModel ModelOf(IEnumerable<ModelTask> tasks)
    {
        var model = new MemoryModel();
        model.Update(tasks, []);
        return model;
    }

    private static string[] Indexes(TempCache cache) =>
        [.. Directory.GetFileSystemEntries(cache.Path, "archive.*.idx").OrderDescending(StringComparer.Ordinal)];

    private static void Suffer(string index, string fate, Random random, TempCache cache)
    {
        byte[] bytes = File.ReadAllBytes(index);
        switch (fate)
        {
            case "none":
                File.Delete(index);
                break;
            case "empty":
                File.WriteAllBytes(index, []);
                break;
            case "cut":
                File.WriteAllBytes(index, bytes[..random.Next(bytes.Length)]);
                break;
            case "noise":
                random.NextBytes(bytes);
                File.WriteAllBytes(index, bytes);
                break;
            case "flipped":
                bytes[random.Next(bytes.Length)] ^= (byte)(1 + random.Next(255));
                File.WriteAllBytes(index, bytes);
                break;
            case "swapped":
                string other = Indexes(cache).First(path => path != index);
                File.WriteAllBytes(index, File.ReadAllBytes(other));
                File.WriteAllBytes(other, bytes);
                break;
            case "older version":
                bytes[4] = 0;
                File.WriteAllBytes(index, bytes);
                break;
            case "a directory":
                File.Delete(index);
                Directory.CreateDirectory(index);
                break;
        }
    }

    private static void Compare(TempCache cache, ModelTask[] tasks, Random random, int filters)
    {
        var generator = new TaskGenerator(random, Now, spread: (int)Day / 2);
        using CacheReader reader = cache.Cache.Read();
        for (int i = 0; i < filters; i++)
            ModelCheck.SomePage(reader, tasks, generator.Query(), random);
        Assert.Empty(reader.Damage);
    }
}
