using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>
/// The engine at work on a real disk, in a process of its own: this executable, told by its environment to do that instead of running tests. It goes
/// through some steps of a <see cref="Script"/> and acknowledges each on its standard output.
/// </summary>
internal static class Workload
{
    private const string Variable = "REMOTE_TASKS_WORKLOAD";

    /// <summary>This executable.</summary>
    internal static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "RemoteTasks.Reliability.Tests");

    /// <summary>The environment that makes it do some steps.</summary>
    internal static Dictionary<string, string> Environment(string directory, int seed, int first, int end) =>
        new() { [Variable] = $"{seed} {first} {end} {directory}" };

    /// <summary>What it says when a step begins, or is done; where the oldest archive begins that a dropping has left, 0 when nothing was dropped.</summary>
    internal static bool TryParse(string said, out bool isDone, out int number, out long oldest)
    {
        string[] words = said.Trim().Split(' ');
        (isDone, number, oldest) = (words[0] == "done", -1, 0);
        return words.Length == 3 && int.TryParse(words[1], CultureInfo.InvariantCulture, out number)
            && long.TryParse(words[2], CultureInfo.InvariantCulture, out oldest);
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The entry point is the test platform's; this comes before it.")]
    internal static void RunInstead()
    {
        if (System.Environment.GetEnvironmentVariable(Variable)?.Split(' ', 4) is [var seed, var first, var end, var directory])
            System.Environment.Exit(Run(directory, int.Parse(seed), int.Parse(first), int.Parse(end)));
    }

    private static int Run(string directory, int seed, int first, int end)
    {
        var script = new Script(seed);
        var clock = new FakeTimeProvider();
        using Stream output = Console.OpenStandardOutput();
        World world = World.Empty;
        for (int number = 0; number < end; number++)
        {
            Step step = script.At(number, world);
            long oldest = 0;
            if (number >= first)
            {
                long before = Oldest(directory);
                Say(output, $"begin {number} 0");
                clock.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(step.Now));
                try
                {
                    Do(step, directory, (step.Options ?? script.Options) with { Clock = clock });
                }
                catch (Exception error) when (error is IOException or CacheException)
                {
                    Console.Error.WriteLine(error);
                    return 1;
                }
                catch (ArgumentException) when (number == first && number > 0)
                {
                    // The process before was killed in a renaming, and recovery has finished it.
                }

                oldest = Oldest(directory) is var after && after > before ? after : 0;
                Say(output, $"done {number} {oldest}");
            }

            world = step.After(oldest);
        }

        return 0;
    }

    private static void Do(Step step, string directory, TaskCacheOptions options)
    {
        using CacheWriter writer = TaskCache.Open(directory, options).Write();
        step.Command.Do(writer);
    }

    private static long Oldest(string directory) => !Directory.Exists(directory) ? long.MaxValue : Directory.EnumerateFiles(directory)
        .Select(path => ArchiveName.TryParse(Path.GetFileName(path), out ArchiveName name) ? name.Epoch : long.MaxValue)
        .DefaultIfEmpty(long.MaxValue)
        .Min();

    // One write for each line: one acknowledgement.
    private static void Say(Stream output, string line) => output.Write(System.Text.Encoding.UTF8.GetBytes($"{line}\n"));
}
