using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Fuzz;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Hostile bytes for everything that reads some: the corpus as it is, and changed in a few places.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(Effort.Of(usual: 1, nightly: 240) / 2.0);

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    // Invariants checked: those of each target; nothing but documented exceptions; nothing takes a second, or 256 MiB.
    [Theory]
    [MemberData(nameof(Targets))]
    public void No_bytes_do_harm(string name)
    {
        FuzzTarget target = FuzzTarget.Find(name)!;
        IReadOnlyList<byte[]> known = Corpus.Of(target);
        Assert.NotEmpty(known);
        int seed = Effort.IsNightly ? Random.Shared.Next() : 1;
        FuzzRun run = FuzzRun.Replay(target, known, mutations: int.MaxValue, seed, TimeMax);
        output.WriteLine(
            $"{run.Inputs:N0} inputs, {known.Count} of them known, the others by seed {seed}: failures {run.Failures.Count}; the slowest took {run.Slowest.TotalMilliseconds:0} ms, "
            + $"the hungriest {run.MostAllocated >> 10:N0} KiB; peak memory {PeakMiB()} MiB");
        Assert.True(run.Failures.Count == 0, string.Join("\n", run.Failures.Select(failure => $"{Convert.ToBase64String(failure.Input)}: {failure.Problem}")));
    }

    private static long PeakMiB()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
