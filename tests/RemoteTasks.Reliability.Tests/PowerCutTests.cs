using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests;

/// <summary>The power fails while a process writes to a real file system.</summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private const int CutsEachLife = 25;
    private const int WarmUpMax = 500;
    private const int AtWorkMax = 500;

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
        int cuts = Effort.Times(always: 10, nightly: 100);
        var random = new Random(fileSystem.Length);
        var life = new Life(0, isRepeatable: false);
        int seed = 0;
        for (int cut = 0; cut < cuts; cut++)
        {
            if (cut % CutsEachLife == 0)
                life = new Life(seed = random.Next(1_000), isRepeatable: false);
            string acks = scratch.PathOf($"acks-{cut}");
            string name = $"cut-{cut}";
            (int first, int last) = await CutAsync(image, kind, scratch.PathOf("mounted"), name, acks, seed, random);
            using Mounted again = Mounted.Image(image, scratch.PathOf("mounted"), kind.Options);
            string directory = Path.Combine(again.Path, name);
            tally.Add(Inspection.Broken(life, directory, first, last), first, $"{fileSystem}, life {seed}, cut {cut}, after {first} to {last} steps");
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
            again.Unmount();
        }

        tally.Conclude(output);
    }

    /// <summary>How many steps were acknowledged before the cut, and until the process was told of it.</summary>
    private static async Task<(int First, int Last)> CutAsync(string image, FileSystemKind kind, string path, string name, string acks, int seed, Random random)
    {
        using Mounted mounted = Mounted.Image(image, path, kind.Options);
        using WorkloadProcess process = WorkloadProcess.Live(Path.Combine(path, name), acks, seed);

        // Most of the time at work, sometimes while the cache is made.
        if (random.Next(8) > 0)
            await process.WaitForAcksAsync(1);
        int wait = random.Next(random.Next(8) > 0 ? AtWorkMax : WarmUpMax);
        await Task.Delay(TimeSpan.FromMilliseconds(wait), TimeProvider.System, TestContext.Current.CancellationToken);

        // A sync that comes back after the cut may have been acknowledged, and lost: counted is what was acknowledged before.
        int first = process.Acks;
        mounted.CutPower();
        process.Kill();
        mounted.Unmount();
        return (first, process.Acks);
    }
}
