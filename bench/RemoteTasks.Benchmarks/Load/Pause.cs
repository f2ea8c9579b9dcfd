using System.Runtime.InteropServices;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>Sleeping to a part of a millisecond, which the runtime's timers cannot; nothing spins, as the daemon needs the processor.</summary>
internal static partial class Pause
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    internal static void For(TimeSpan time)
    {
        long nanoseconds = (long)time.TotalNanoseconds;
        if (nanoseconds <= 0)
            return;
        var span = new Timespec { Seconds = nanoseconds / NanosecondsPerSecond, Nanoseconds = nanoseconds % NanosecondsPerSecond };

        // Woken early by a signal, one goes on early: the time is looked at again.
        _ = NanoSleep(span, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec time, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
