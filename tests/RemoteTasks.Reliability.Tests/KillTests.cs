using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;
using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Real processes that are killed at any moment of their work: one that uses the engine, the commands, and the daemon.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int KillsEachLife = 10;
    private const int StepsMax = 40;
    private const int StartMilliseconds = 300;
    private const int MillisecondsMax = 30;
    private const int KillsEachCache = 40;
    private const long Now = 1_782_900_000;

    // Invariants checked: what was acknowledged before the kill is shown, once, in its last version and in order; nothing else is but what was just
    // being done; every file is whole; the next writer finishes what was begun, and stores more.
    [Fact]
    public async Task What_a_process_acknowledged_survives_it()
    {
        using var scratch = new Scratch();
        var tally = new Tally("kills of a process");
        var random = new Random(3);
        var life = new Life(0, isRepeatable: false);
        int seed = 0;
        int kills = Effort.Of(usual: 24, nightly: 500);
        for (int kill = 0; kill < kills; kill++)
        {
            if (kill % KillsEachLife == 0)
                life = new Life(seed = random.Next(1_000), isRepeatable: false);
            string directory = scratch.PathOf($"cache-{kill}");
            using WorkloadProcess process = WorkloadProcess.Live(directory, scratch.PathOf($"acks-{kill}"), seed, AfterFailure.End);

            // Sometimes while it starts, and makes the cache.
            int steps = random.Next(8) == 0 ? 0 : random.Next(1, StepsMax);
            await process.WaitAsync(() => process.Acks() >= steps);
            await WaitAsync(random.Next(steps == 0 ? StartMilliseconds : MillisecondsMax));
            process.Kill();
            int acks = process.Acks();
            tally.Add(Inspection.Broken(life, Path.Combine(directory, "0"), acks, acks), acks, $"life {seed}, kill {kill}, after {acks} steps");
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }

        tally.Conclude(output);
    }

    // Invariants checked: the same of one cache that is imported into, applied and rotated, and killed in each of these again and again. A command
    // acknowledges by its exit code.
    [Fact]
    public async Task What_a_command_acknowledged_survives_the_next_ones()
    {
        using var scratch = new Scratch();
        var tally = new Tally("kills of a command");
        var random = new Random(5);
        var generator = new TaskGenerator(random, Now, spread: 50_000);
        var options = new TaskCacheOptions();
        World world = World.Empty;
        string cache = "";
        TimeSpan usual = TimeSpan.FromSeconds(2);
        int kills = Effort.Of(usual: 24, nightly: 350);
        for (int kill = 0, run = 0; kill < kills; run++)
        {
            if (kill % KillsEachCache == 0 && cache != scratch.PathOf($"cache-{kill}"))
                (world, cache) = (World.Empty, scratch.PathOf($"cache-{kill}"));
            ModelTask[] batch = [.. Enumerable.Range(0, random.Next(20, 400)).Select(_ => generator.Task(isRunning: false))];
            string lines = scratch.PathOf("lines");
            await File.WriteAllLinesAsync(lines, batch.Select(task => TaskGenerator.Line(task)));
            bool isImport = run == 0 || !Directory.Exists(cache) || random.Next(3) > 0;
            string[] command = isImport ? ["import", "--cache", cache, "--batch", "20", lines] : random.Next(2) == 0 ? ["apply", "--cache", cache] : ["rotate", "--force", "--cache", cache];
            World after = isImport ? With(world, batch) : world;

            long began = TimeProvider.System.GetTimestamp();
            await using ProductProcess process = ProductProcess.Start(command);
            bool isKilled = run > 0 && !await process.EndsWithinAsync(usual * random.NextDouble());
            if (isKilled)
                await process.DisposeAsync();
            else
                Assert.True((await process.EndAsync()).ExitCode == 0 || !File.Exists(Path.Combine(cache, "state")), process.Said);
            if (isImport && !isKilled)
                (world, usual) = (after, TimeProvider.System.GetElapsedTime(began));
            kill += isKilled ? 1 : 0;

            var promise = Promise.Of(world, after);
            string? broken = Inspection.Look(promise, cache, options) ?? Inspection.Damage(cache, options);
            if (isKilled || broken is not null)
                tally.Add(broken, world.Tasks.Count, $"run {run}, kill {kill}, {string.Join(' ', command)}");
            using CacheWriter writer = TaskCache.Open(cache, options).Write();
            world = promise.Shown(writer);
        }

        tally.Conclude(output);
        await using ProductProcess check = ProductProcess.Start(["check", "--cache", cache]);
        Assert.True((await check.EndAsync()).ExitCode == 0, check.Said);
    }

    // Invariants checked: what its API has ever shown is there after every kill, once and in order, what had ended in the same version; every file is
    // whole; in the end the cache has every task of the fleet.
    [Fact]
    public async Task What_the_daemon_showed_survives_it()
    {
        using var scratch = new Scratch();
        var tally = new Tally("kills of the daemon");
        var random = new Random(7);
        await using var daemon = await DaemonRun.OfFleetAsync(scratch.Path, scratch.PathOf("data"));
        int kills = Effort.Of(usual: 12, nightly: 150);
        for (int kill = 0; kill < kills; kill++)
        {
            daemon.Start();
            if (kill % 3 == 0)
            {
                await daemon.IsUpAsync();
                await daemon.ShowsMoreAsync();
            }
            else if (random.Next(6) > 0)
            {
                await daemon.IsUpAsync();
            }

            await daemon.WatchAsync(TimeSpan.FromMilliseconds(random.Next(700)));
            await daemon.KillAsync();
            tally.Add(daemon.Broken(), daemon.Shown, $"kill {kill}");
        }

        await daemon.CatchUpAsync();
        tally.Conclude(output);
    }

    private static World With(World world, ModelTask[] batch)
    {
        var model = new MemoryModel();
        model.Update(world.Tasks.Concat(batch), []);
        return new World(model.All(), null);
    }

    private static Task WaitAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
}
