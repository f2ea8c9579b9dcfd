using System.Globalization;
using RemoteTasks.Cache;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>
/// The process that is killed, whose disk loses power, is copied or is full. What it has been told is stored it acknowledges with a byte in a
/// file that lies elsewhere: its length is the number of steps done, whoever looks when.
/// </summary>
internal static class Workload
{
    internal const string Word = "--workload";

    internal const int Done = 0;
    internal const int ReadOnly = 74;
    internal const int Broken = 99;

    private const int NoSpace = 28;
    private const int ReopenEach = 7;

    private static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(10);

    internal static string FullMark(string acks) => acks + ".full";

    internal static string GoOnMark(string acks) => acks + ".more";

    internal static int Run(string[] args)
    {
        _ = Task.Run(EndWithParentAsync);
        return args switch
        {
            ["live", var directory, var acks, var seed, var isPatient] => Live(directory, acks, Number(seed), bool.Parse(isPatient)),
            ["fill", var directory, var acks, var bytes] => LongJournal.Fill(directory, acks, Number(bytes)),
            ["open", var directory] => LongJournal.Open(directory),
            _ => throw new ArgumentException($"No such workload: {string.Join(' ', args)}", nameof(args)),
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Nobody is left behind: with the test that started it, its end of the standard input goes.</summary>
    private static async Task EndWithParentAsync()
    {
        await using Stream input = Console.OpenStandardInput();
        using var end = new CancellationTokenSource(LifeMax, TimeProvider.System);
        await Task.WhenAny(input.ReadAsync(new byte[1]).AsTask(), Task.Delay(LifeMax, TimeProvider.System, end.Token));
        Environment.Exit(Broken);
    }

    private static int Live(string directory, string acks, int seed, bool isPatient)
    {
        var life = new Life(seed, isRepeatable: isPatient);
        using var log = new FileStream(acks, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        TaskCache cache = TaskCache.Open(directory, life.Options);
        for (int step = 0; step < Life.StepsMax;)
        {
            Command command = life.CommandAt(step);
            if (step % ReopenEach == 0)
                cache = TaskCache.Open(directory, life.Options);
            try
            {
                using CacheWriter writer = cache.Write();
                command.Do(writer);
            }
            catch (IOException full) when (full.HResult == NoSpace && isPatient)
            {
                WaitForSpace(acks);
                continue;
            }
            catch (IOException failed)
            {
                Console.WriteLine(failed.Message);
                return failed.HResult & 0x7F;
            }
            catch (CacheException failed) when (failed.Error == CacheError.SyncFailed)
            {
                Console.WriteLine(failed.Message);
                return AfterFailedSync(cache);
            }

            log.WriteByte((byte)'\n');
            step++;
        }

        return Done;
    }

    private static void WaitForSpace(string acks)
    {
        File.WriteAllText(FullMark(acks), "");
        using var timer = new ManualResetEventSlim();
        while (!File.Exists(GoOnMark(acks)))
            timer.Wait(LookEach);
        File.Delete(FullMark(acks));
        File.Delete(GoOnMark(acks));
    }

    /// <summary>This process writes nothing any more, and still reads.</summary>
    private static int AfterFailedSync(TaskCache cache)
    {
        try
        {
            using CacheWriter writer = cache.Write();
            Console.WriteLine("It may write again.");
            return Broken;
        }
        catch (CacheException again) when (again.Error == CacheError.SyncFailed)
        {
            // As it must be.
        }

        try
        {
            using CacheReader reader = cache.Read();
            Console.WriteLine($"It still reads {reader.List(new TaskQuery { Limit = 0 }).Total} tasks.");
            return ReadOnly;
        }
        catch (IOException dead)
        {
            // A file system that was shut down answers nothing at all.
            Console.WriteLine(dead.Message);
            return dead.HResult & 0x7F;
        }
    }
}
