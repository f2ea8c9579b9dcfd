using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>
/// What one process does to one cache, step by step, and what the cache has to show after each. The process that does it and the test that
/// looks at what is left of it know the same from the same seed.
/// </summary>
/// <param name="seed">Everything follows from it, and each step from nothing else.</param>
/// <param name="isRepeatable">Whether every step may be done again: renaming and purging a remote may not.</param>
internal sealed class Life(int seed, bool isRepeatable)
{
    /// <summary>A process that nobody stops ends by itself.</summary>
    internal const int StepsMax = 1_500;

    private const long Now = 1_782_900_000;
    private const int Spread = 2_000;

    private static readonly int[] TasksMax = [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 60, 60, 600];

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private readonly List<Command> _commands = [];

    // All caches of one life are kept alike; small journals are merged often.
    internal TaskCacheOptions Options => new()
    {
        JournalBytesMax = seed % 2 == 0 ? 20_000 : 1 << 20,
        PlainFiles = seed % 3,
        InitialFiles = 1 + (seed % 4),
        RetainBytesMax = null,
        MergesAtOnce = 1,
        Clock = _clock,
    };

    /// <summary>What is done after so many steps.</summary>
    internal Command CommandAt(int step)
    {
        while (_commands.Count <= step)
            _commands.Add(Next(_commands.Count));
        return _commands[step];
    }

    /// <summary>What may be shown when so many steps were acknowledged, and perhaps a part of the next one was done.</summary>
    internal Promise PromiseAt(int step) => CommandAt(step).Promise ?? Promise.Of(WorldAt(step), CommandAt(step).After);

    /// <summary>Something more that is stored, whatever is there.</summary>
    internal static Command UpdateOf(World world, int step)
    {
        var random = new Random(step);
        return Command.Update(random, new TaskGenerator(random, Now, Spread), world, TasksMax[0]);
    }

    private World WorldAt(int step) => step == 0 ? World.Empty : CommandAt(step - 1).After;

    private Command Next(int step)
    {
        var random = new Random(unchecked((seed * 1_000_003) + step));
        var generator = new TaskGenerator(random, Now, Spread);
        World world = WorldAt(step);
        int tasksMax = generator.Pick(TasksMax);
        Command command = Command.Random(random, generator, _clock, world, tasksMax);
        return isRepeatable && command.IsWhole ? Command.Update(random, generator, world, tasksMax) : command;
    }
}
