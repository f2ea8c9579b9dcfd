using System.Globalization;
using RemoteTasks.Cache;
using RemoteTasks.Reliability.Tests.Crash;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>What a <see cref="Workload"/> does when it cannot go on.</summary>
internal enum AfterFailure
{
    /// <summary>It ends, and its exit code says why.</summary>
    End,

    /// <summary>When the disk is full it waits, and does the same again.</summary>
    TryAgain,

    /// <summary>It waits, and begins its life again in another directory: a warm process does more in the same time.</summary>
    BeginAnew,
}

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
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(2);

    /// <summary>Where it acknowledges what it does to its caches, which lie beside each other and are numbered.</summary>
    internal static string Acks(string log, int cache) => $"{log}-{cache}";

    /// <summary>Exists while it waits because something failed; the text says what.</summary>
    internal static string FailedMark(string log) => log + ".failed";

    /// <summary>Made by who wants it to go on.</summary>
    internal static string GoOnMark(string log) => log + ".go-on";

    internal static int Run(string[] args)
    {
        _ = Task.Run(EndWithParentAsync);
        return args switch
        {
            ["live", var directory, var log, var seed, var then] => Live(directory, log, Number(seed), Enum.Parse<AfterFailure>(then)),
            ["fill", var directory, var log, var bytes] => LongJournal.Fill(directory, Acks(log, 0), Number(bytes)),
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

    private static int Live(string directory, string log, int seed, AfterFailure then)
    {
        var life = new Life(seed, isRepeatable: then == AfterFailure.TryAgain);
        for (int number = 0; ; number++)
        {
            int code = Live(Path.Combine(directory, $"{number}"), log, number, life, then);
            if (code is Done or Broken || then != AfterFailure.BeginAnew)
                return code;
            Wait(log, code);
        }
    }

    private static int Live(string directory, string log, int number, Life life, AfterFailure then)
    {
        using var acks = new FileStream(Acks(log, number), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        TaskCache cache = TaskCache.Open(directory, life.Options);
        for (int step = 0; step < Life.StepsMax;)
        {
            Command command = life.CommandAt(step);
            if (step % ReopenEach == 0)
            {
                cache = TaskCache.Open(directory, life.Options);
                CloseWhatIsLeft();
            }

            try
            {
                using CacheWriter writer = cache.Write();
                command.Do(writer);
            }
            catch (IOException full) when (full.HResult == NoSpace && then == AfterFailure.TryAgain)
            {
                Wait(log, NoSpace);
                continue;
            }
            catch (IOException failed)
            {
                Console.WriteLine(failed.Message);
                return failed.HResult & 0x7F;
            }
            catch (CacheException failed) when (failed is { Error: CacheError.WentBad, InnerException: IOException })
            {
                // An index that a dead disk gives no more.
                Console.WriteLine(failed.Message);
                return failed.InnerException.HResult & 0x7F;
            }
            catch (CacheException failed) when (failed.Error == CacheError.SyncFailed)
            {
                Console.WriteLine(failed.Message);
                return AfterFailedSync(cache);
            }

            acks.WriteByte((byte)'\n');
            step++;
        }

        return Done;
    }

    /// <summary>
    /// The files of a cache object that is no longer used are closed: else all that was replaced meanwhile takes its place on the small disk for as long
    /// as the runtime likes, and what it lies on cannot be unmounted.
    /// </summary>
    private static void CloseWhatIsLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Wait(string log, int code)
    {
        CloseWhatIsLeft();
        File.WriteAllText(FailedMark(log), $"{code}");
        using var timer = new ManualResetEventSlim();
        while (!File.Exists(GoOnMark(log)))
            timer.Wait(LookEach);
        File.Delete(FailedMark(log));
        File.Delete(GoOnMark(log));
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
