using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests;

/// <summary>The power fails while a process writes to a real file system.</summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private const int CutsEachLife = 25;
    private const int StepsMax = 80;
    private const int MillisecondsMax = 40;

    // Invariants checked: what was acknowledged before the cut is shown by the next process, once, in its last version and in order; nothing else is
    // but what was just being done; every file is whole; the next writer finishes what was begun, and stores more.
    [Theory]
    [InlineData("ext4")]
    [InlineData("ext4 noauto_da_alloc")]
    [InlineData("xfs")]
    public async Task What_was_acknowledged_survives_a_power_cut_on(string fileSystem)
    {
        var kind = FileSystemKind.Of(fileSystem);
        Needs.FileSystem(kind);
        using var scratch = new Scratch();
        string image = kind.Make(scratch.PathOf("image"));
        var tally = new Tally($"power cuts on {fileSystem}");
        int cuts = Effort.Of(usual: 10, nightly: 100);
        var random = new Random(fileSystem.Length);
        for (int done = 0; done < cuts; done += CutsEachLife)
            await CutAsync(kind, image, scratch, random, Math.Min(CutsEachLife, cuts - done), tally);
        tally.Conclude(output);
    }

    /// <summary>One process, which begins its life again after each cut.</summary>
    private static async Task CutAsync(FileSystemKind kind, string image, Scratch scratch, Random random, int cuts, Tally tally)
    {
        int seed = random.Next(1_000);
        var life = new Life(seed, isRepeatable: false);
        string path = scratch.PathOf("mounted");
        Mounted mounted = Mounted.Image(image, path, kind.Options);
        try
        {
            using WorkloadProcess process = WorkloadProcess.Live(path, scratch.PathOf($"acks-{seed}"), seed, AfterFailure.BeginAnew);
            for (int cut = 0; cut < cuts; cut++)
            {
                int steps = random.Next(StepsMax);
                await process.WaitAsync(() => process.Acks(cut) >= steps);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(MillisecondsMax)), TimeProvider.System, TestContext.Current.CancellationToken);

                // A sync that comes back after the cut may have been acknowledged, and lost: counted is what was acknowledged before.
                int first = process.Acks(cut);
                mounted.CutPower();
                await process.WaitAsync(() => process.HasFailed);
                Assert.True(process.HasFailed, "It should wait for another disk.");
                int last = process.Acks(cut);
                mounted.Unmount();

                mounted = Mounted.Image(image, path, kind.Options);
                string directory = Path.Combine(path, $"{cut}");
                tally.Add(Inspection.Broken(life, directory, first, last), first, $"{kind.Type}, life {seed}, cut {cut}, after {first} to {last} steps");
                if (Directory.Exists(directory))
                    Directory.Delete(directory, recursive: true);
                await process.GoOnAsync();
            }
        }
        finally
        {
            mounted.Dispose();
        }
    }
}
