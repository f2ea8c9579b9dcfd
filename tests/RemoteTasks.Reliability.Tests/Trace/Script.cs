using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// What a process is to do to a cache, step by step, by a seed: the process that does it and the one that judges the traces of it make the same from it.
/// </summary>
internal sealed class Script
{
    internal const int Steps = 14;
    internal const int SmallJournalBytes = 600;

    private const long Begin = 1_782_900_000;
    private const long Day = 86_400;
    private const int DropStep = 11;

    private readonly int _seed;

    internal Script(int seed)
    {
        _seed = seed;
        var random = new Random(seed);
        Options = new TaskCacheOptions
        {
            JournalBytesMax = random.Next(2) == 0 ? SmallJournalBytes : 1 << 20,
            PlainFiles = random.Next(3),
            InitialFiles = 1 + random.Next(3),
            RotateAfter = TimeSpan.FromSeconds(Day),
            RetainBytesMax = null,
            MergesAtOnce = 1,
        };
    }

    internal TaskCacheOptions Options { get; }

    /// <param name="number">From 0.</param>
    /// <param name="world">What there is before it.</param>
    internal Step At(int number, World world)
    {
        // Each has its own numbers: chance that only the doing uses must not change what comes later.
        var random = new Random((_seed * 1_000) + number);
        long now = Begin + (number * Day / 3);
        var generator = new TaskGenerator(random, now);
        int kind = number == DropStep ? -1 : random.Next(number == 0 ? 10 : 20);
        bool isForced = random.Next(3) == 0;
        return kind switch
        {
            -1 => new Step(new Command("drop", writer => Drop(writer, isForced), world), now)
            {
                Options = Options with { RetainFilesMax = 2 },
                IsDrop = true,
            },
            < 11 => new Step(Command.Update(random, generator, world), now),
            < 13 => new Step(new Command("apply", static writer => writer.ApplyJournal(), world), now),
            < 17 => new Step(new Command("rotate", writer => writer.Rotate(isForced), world), now),
            < 19 when world.Tasks.Count > 0 => new Step(Command.Rename(generator.Pick(world.Tasks).Remote, $"renamed-{number}", world), now),
            _ when world.Tasks.Count > 0 => new Step(Command.Purge(generator.Pick(world.Tasks).Remote, world), now),
            _ => new Step(Command.Update(random, generator, world), now),
        };
    }

    private static void Drop(CacheWriter writer, bool isForced)
    {
        writer.ApplyJournal();
        writer.Rotate(isForced);
    }
}

/// <summary>One of them.</summary>
internal sealed record Step(Command Command, long Now)
{
    /// <summary>Other options than the script's, for this step alone.</summary>
    internal TaskCacheOptions? Options { get; init; }

    /// <summary>Whether finished tasks that began before the oldest archive left are dropped.</summary>
    internal bool IsDrop { get; init; }

    /// <param name="oldest">Where the oldest archive begins that was left; 0: nothing was dropped.</param>
    internal World After(long oldest) => IsDrop
        ? Command.After with { Tasks = [.. Command.After.Tasks.Where(task => task.End is null || task.Start >= oldest)] }
        : Command.After;
}
