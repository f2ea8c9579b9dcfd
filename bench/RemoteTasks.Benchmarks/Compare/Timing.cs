using System.Diagnostics;

namespace RemoteTasks.Benchmarks.Compare;

/// <summary>Repeated measurements of one thing, in milliseconds unless the row says otherwise.</summary>
internal sealed record Sample(double Median, double Min, int Runs)
{
    internal static Sample Of(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Sample(sorted[sorted.Length / 2], sorted[0], sorted.Length);
    }

    internal static Sample One(double value) => new(value, value, 1);
}

/// <summary>Runs things often enough to say something about them.</summary>
internal static class Timing
{
    private const int RunsMin = 3;
    private const int RunsEnough = 20;
    private const int WarmUpsMax = 50;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(2);

    /// <summary>Warm up, then 20 runs and a quarter of a second, or two seconds, whichever is first; at least 3 runs.</summary>
    internal static Sample Repeat(Action<int> run)
    {
        Clean();
        WarmUpBy(run);
        var values = new List<double>();
        var total = Stopwatch.StartNew();
        while (values.Count < RunsMin || (total.Elapsed < Long && (values.Count < RunsEnough || total.Elapsed < Short)))
            values.Add(Once(() => run(values.Count)));
        return Sample.Of(values);
    }

    internal static double Once(Action run)
    {
        long began = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>No engine pays for another's garbage.</summary>
    internal static void Clean()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Long enough for the runtime to have compiled what is hot; a slow query is hot after one run.</summary>
    private static void WarmUpBy(Action<int> run)
    {
        var total = Stopwatch.StartNew();
        for (int i = 1; i <= WarmUpsMax && (i == 1 || total.Elapsed < WarmUp); i++)
            run(-i);
    }
}
