using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;
using RemoteTasks.Reliability.Tests.Simulation;

namespace RemoteTasks.Reliability.Tests.Model;

/// <summary>What is done next, and the seed of its details.</summary>
internal readonly record struct Step(StepKind Kind, int Seed);

internal enum StepKind
{
    /// <summary>A batch, an apply, a rotation, a rename or a purge.</summary>
    Command,

    /// <summary>A batch with records in it that nobody understands.</summary>
    Rubbish,

    /// <summary>A remote is forgotten; its finished tasks stay.</summary>
    Forget,

    /// <summary>Another process goes on.</summary>
    Reopen,

    /// <summary>The power fails between two commands.</summary>
    PowerFailure,

    /// <summary>The power fails in the midst of a command, which is given again.</summary>
    Interrupted,
}

/// <summary>A cache on a simulated disk, and beside it what it must answer.</summary>
internal sealed class Life
{
    private const string Directory = "/sim/cache";
    private const long Now = 1_782_900_000;
    private const int WholeEach = 3;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly TaskCacheOptions _options;
    private SimDisk _disk = new();
    private TaskCache _cache;
    private World _world = World.Empty;

    private readonly Action<SimDisk> _plant;

    private Life(int seed, Action<SimDisk> plant)
    {
        _plant = plant;
        plant(_disk);
        var random = new Random(seed);
        T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
        _options = new TaskCacheOptions
        {
            JournalBytesMax = Pick<long>(0, 600, 1 << 20),
            PlainFiles = Pick(0, 0, 1, 100),
            InitialFiles = Pick(1, 3),
            RotateAfter = Pick(TimeSpan.Zero, TimeSpan.FromDays(1)),
            RotateRowsMax = Pick<long?>(null, 20),
            RetainBytesMax = null,
            MergesAtOnce = 1,
            Clock = _clock,
        };
        _cache = Open();
        _cache.Write().Dispose();
    }

    /// <summary>Lives through some steps; an answer that is not the model's throws.</summary>
    /// <param name="seed">Options and details follow from it.</param>
    /// <param name="steps">What is done.</param>
    /// <param name="plant">Puts a fault into each disk; nothing for the real product.</param>
    internal static void Run(int seed, Step[] steps, Action<SimDisk>? plant = null)
    {
        var life = new Life(seed, plant ?? (static _ => { }));
        foreach (Step step in steps)
        {
            var random = new Random(step.Seed);
            life.Do(step.Kind, random);
            life.Check(random, isWhole: false);
        }

        life.Check(new Random(seed), isWhole: seed % WholeEach == 0);
    }

    private TaskCache Open() => TaskCache.Open(Directory, _options with { Disk = _disk });

    private void Do(StepKind kind, Random random)
    {
        var generator = new TaskGenerator(random, Now);
        switch (kind)
        {
            case StepKind.Command:
                Command command = Command.Random(random, generator, _clock, _world);
                if (CanBeDone(command))
                    _world = command.After;
                break;
            case StepKind.Rubbish:
                Rubbish(random, generator);
                break;
            case StepKind.Forget:
                string remote = _world.Tasks.Count == 0 ? World.Remote : generator.Pick(_world.Tasks).Remote;
                using (CacheWriter writer = _cache.Write())
                    writer.RemoveRemote(remote, purge: false);
                _world = new World([.. _world.Tasks.Where(task => task.Remote != remote || task.End is not null)], remote == World.Remote ? null : _world.Cutoff);
                break;
            case StepKind.Reopen:
                _cache = Open();
                break;
            case StepKind.PowerFailure:
                FailPower(random);
                break;
            default:
                Interrupt(Command.Random(random, generator, _clock, _world), random);
                break;
        }
    }

    /// <summary>False where the new name of a remote is taken, and nothing was done.</summary>
    private bool CanBeDone(Command command)
    {
        using CacheWriter writer = _cache.Write();
        try
        {
            command.Do(writer);
            return true;
        }
        catch (ArgumentException) when (command.IsWhole)
        {
            return false;
        }
    }

    private void Rubbish(Random random, TaskGenerator generator)
    {
        ModelTask?[] tasks = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(2) == 0 ? null : generator.Task())];
        UpdateResult result;
        using (CacheWriter writer = _cache.Write())
            result = writer.Update(new TaskBatch { Tasks = [.. tasks.Select(task => task is null ? generator.Rubbish() : generator.Record(task))] });
        Assert.Equal(Enumerable.Range(0, tasks.Length).Where(i => tasks[i] is null), result.Rejected.Select(rejected => rejected.Index));
        var model = new MemoryModel();
        model.Update(_world.Tasks, []);
        model.Update(tasks.OfType<ModelTask>(), []);
        _world = new World(model.All(), _world.Cutoff);
    }

    private void FailPower(Random random)
    {
        _disk = new PowerFailure(random).Strike(_disk);
        _plant(_disk);
        _cache = Open();
    }

    /// <summary>A batch can be stored again, and an apply or a rotation be asked for again; a rename or a purge was wholly done, or not at all.</summary>
    private void Interrupt(Command command, Random random)
    {
        int calls = random.Next(30);
        _disk.Before = _ =>
        {
            if (calls-- <= 0)
                throw new PowerIsGone();
        };
        bool isDone = false;
        try
        {
            isDone = CanBeDone(command);
        }
        catch (PowerIsGone)
        {
            // Part of it may be on the disk.
        }

        bool isTorn = _disk.DurableNames.TryGetValue($"{Directory}/journal", out SimFile? journal) && journal.Pending.Count > 0;
        FailPower(random);
        if (!command.IsWhole)
            isDone = CanBeDone(command);
        else if (!isDone)
            isDone = Shown().SequenceEqual(command.After.Tasks.Order(ModelTask.Order).Select(task => task.Show()));
        if (isDone)
            _world = command.After;
        if (isTorn)
            Heal();
    }

    /// <summary>Bytes lost from the midst of an append are taken for bytes that went bad, as is promised: what a poller then does ends it.</summary>
    private void Heal()
    {
        using CacheWriter writer = _cache.Write();
        using CacheReader reader = writer.Read();
        Damage[] damage = [.. reader.Damage];
        Assert.All(damage, part => Assert.Equal("journal", part.File));
        writer.RequestRepair(damage);
        foreach (Damage part in damage)
            writer.SettleRepair(new Repair(part, Settled: null));
    }

    private string[] Shown()
    {
        using CacheWriter writer = _cache.Write();
        using CacheReader reader = writer.Read();
        return [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show)];
    }

    private void Check(Random random, bool isWhole)
    {
        var generator = new TaskGenerator(random, Now);
        ModelTask[] expected = [.. _world.Tasks.Order(ModelTask.Order)];
        if (isWhole)
        {
            ModelCheck.Whole(_cache, expected, [generator.Query()], random);
            CheckReport report = _cache.Check();
            Assert.False(report.IsDamaged, string.Join('\n', report.Findings));
        }

        using CacheReader reader = _cache.Read();
        Assert.Equal(expected.Select(task => task.Show()), reader.List(new TaskQuery { Limit = 0 }).Rows.Select(ModelTask.Show));
        Assert.Empty(reader.Damage);
        Assert.Equal(_world.Cutoff, World.CutoffIn(reader.State));
        ModelCheck.SomePage(reader, expected, generator.Query(), random);
    }

    private sealed class PowerIsGone : Exception;
}
