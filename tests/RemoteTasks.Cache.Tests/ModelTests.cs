using RemoteTasks.Cache.Tests.Support;

namespace RemoteTasks.Cache.Tests;

/// <summary>The engine against two dictionaries.</summary>
public sealed class ModelTests
{
    private const long Now = 1_782_900_000;

    private static readonly int Runs = Effort.Of(usual: 15, nightly: 15, mutation: 2);

    // Invariants checked: after every command of a random sequence, under random options, the listing (every field of every row, in
    // order), the total, every filter, every page by offset and by continuation, the statistics, and single look-ups are the model's;
    // what cannot be understood is rejected by its position and changes nothing.
    [Theory]
    [InlineData(1)]
    [InlineData(10_001)]
    public void Random_commands_answer_like_the_model(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + Runs; seed++)
        {
            try
            {
                Run(seed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed} fails: {error.Message}", error);
            }
        }
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        var generator = new TaskGenerator(random, Now);
        using var cache = new TempCache(Now, new TaskCacheOptions
        {
            JournalBytesMax = generator.Pick<long>([0, 300, 5_000, 1 << 20]),
            PlainFiles = generator.Pick<int>([0, 1, 2, 100]),
            InitialFiles = generator.Pick<int>([1, 3, 7]),
            RotateAfter = generator.Pick<TimeSpan>([TimeSpan.Zero, TimeSpan.FromMinutes(7), TimeSpan.FromDays(1)]),
            RotateRowsMax = generator.Pick<long?>([null, 20]),
            RotateBytesMax = generator.Pick<long?>([null, 3_000]),
            RetainBytesMax = null,
        });
        var model = new MemoryModel();
        cache.Add();
        for (int step = 0; step < 12; step++)
        {
            Command(cache, model, generator, random);
            TaskQuery[] queries = [.. Enumerable.Range(0, 4).Select(_ => generator.Query())];
            ModelCheck.Whole(cache.Cache, model.All(), queries, random);
        }
    }

    private static void Command(TempCache cache, MemoryModel model, TaskGenerator generator, Random random)
    {
        switch (random.Next(12))
        {
            case 0:
                cache.Apply();
                break;
            case 1:
                cache.RotateAt(Clock(random));
                break;
            case 2:
                cache.Reopen();
                break;
            case 3:
                using (CacheWriter writer = cache.Cache.Write())
                    writer.RebuildState();
                break;
            case 4:
                using (CacheWriter writer = cache.Cache.Write())
                {
                    Assert.False(writer.RequestRepair([]));
                    writer.SettleRepair(new Repair(new Damage($"archive.{random.Next(9)}", 0, 1, 0, "none"), Settled: null));
                    writer.SettleRepair(new Repair(new Damage(Path.GetFileName(cache.Archives()[0]), 0, 1, 0, "none"), Settled: null));
                }

                break;
            default:
                Update(cache, model, generator, random);
                break;
        }
    }

    private static void Update(TempCache cache, MemoryModel model, TaskGenerator generator, Random random)
    {
        ModelTask[] known = model.All();
        var tasks = new List<ModelTask?>();
        for (int count = random.Next(25); count > 0; count--)
        {
            tasks.Add(random.Next(6) switch
            {
                0 => null,
                1 when known.Length > 0 => generator.Again(generator.Pick(known), runs: random.Next(4) == 0),
                2 when tasks.OfType<ModelTask>().FirstOrDefault() is { } twin => generator.Again(twin, runs: random.Next(3) == 0),
                3 when known.Length > 0 => generator.Pick(known),
                _ => generator.Task(),
            });
        }

        string[] gone = [.. model.Running.Where(_ => random.Next(8) == 0)];
        using (CacheWriter writer = cache.Cache.Write())
        {
            UpdateResult result = writer.Update(new TaskBatch
            {
                Tasks = [.. tasks.Select(task => task is null ? generator.Rubbish() : generator.Record(task))],
                Gone = gone,
                Nodes = [new NodeReport("pve-1", "n1", Now) { Cutoff = Now - random.Next(100) }],
            });
            Assert.Equal(Enumerable.Range(0, tasks.Count).Where(i => tasks[i] is null), result.Rejected.Select(rejected => rejected.Index));
            Assert.Equal(tasks.Count(task => task is { End: not null }), result.Stored);
            Assert.Equal(tasks.Count(task => task is { End: null }), result.Running);
        }

        model.Update(tasks.OfType<ModelTask>(), gone);
    }

    /// <summary>Mostly a little later; sometimes years ahead, or back.</summary>
    private static long Clock(Random random) => random.Next(6) switch
    {
        0 => Now + (3_650L * 86_400),
        1 => Now - (random.Next(40) * 86_400L),
        _ => Now + random.Next(10 * 86_400),
    };
}
