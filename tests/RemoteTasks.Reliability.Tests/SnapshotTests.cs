using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests;

/// <summary>The disk as it is at any moment, while a process stands still.</summary>
public sealed class SnapshotTests(ITestOutputHelper output)
{
    private const int CopiesEachLife = 20;
    private const int StepsBetween = 25;
    private const int MillisecondsMax = 20;
    private const int Tries = 10;

    // Invariants checked: as after a power cut. Nothing but what the disk was made to keep is in the copy: the kernel's memory is not.
    [Theory]
    [InlineData("ext4", 30, 500)]
    [InlineData("ext4 noauto_da_alloc", 10, 100)]
    [InlineData("xfs", 6, 100)]
    [InlineData("btrfs", 14, 300)]
    public async Task What_was_acknowledged_is_in_every_copy_of_an_image_of(string fileSystem, int always, int nightly)
    {
        var kind = FileSystemKind.Of(fileSystem);
        Needs.FileSystem(kind);
        using var scratch = new Scratch();
        var tally = new Tally($"copies of {fileSystem}");
        int copies = Effort.Of(always, nightly);
        var random = new Random(fileSystem.Length);
        for (int done = 0; done < copies;)
            done += await CopyAsync(kind, scratch, random, Math.Min(CopiesEachLife, copies - done), tally);
        tally.Conclude(output);
    }

    /// <summary>Copies of one life: as many as are wanted, or fewer when it ends before.</summary>
    private static async Task<int> CopyAsync(FileSystemKind kind, Scratch scratch, Random random, int copies, Tally tally)
    {
        int seed = random.Next(1_000);
        var life = new Life(seed, isRepeatable: false);
        string image = kind.Make(scratch.PathOf("image"));
        string copy = scratch.PathOf("copy");
        using Mounted mounted = Mounted.Image(image, scratch.PathOf("mounted"), kind.Options);
        using WorkloadProcess process = WorkloadProcess.Live(mounted.Path, scratch.PathOf($"acks-{seed}"), seed, AfterFailure.End);
        int number = 0;
        while (number < copies && !process.HasExited)
        {
            int steps = process.Acks() + random.Next(StepsBetween);
            await process.WaitAsync(() => process.Acks() >= steps);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(MillisecondsMax)), TimeProvider.System, TestContext.Current.CancellationToken);
            process.Halt();
            int acks = process.Acks();
            CopyAtOneMoment(mounted, image, copy);
            process.Continue();

            using Mounted copied = Mounted.Image(copy, scratch.PathOf("copied"), kind.Options);
            tally.Add(Inspection.Broken(life, Path.Combine(copied.Path, "0"), acks, acks), acks, $"{kind.Type}, life {seed}, copy {number}, after {acks} steps");
            copied.Unmount();
            number++;
        }

        // It goes on while a copy is looked at: on a slow machine it does all of its steps meanwhile.
        if (process.HasExited)
            Assert.Equal(Workload.Done, (await process.EndAsync()).ExitCode);
        process.Kill();
        mounted.Unmount();
        return number;
    }

    /// <summary>The kernel writes on its own too: a copy that took longer than a moment is made again.</summary>
    private static void CopyAtOneMoment(Mounted mounted, string image, string copy)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            string before = mounted.DeviceWrites();
            Tool.Run("cp", "--sparse=always", image, copy);
            if (mounted.DeviceWrites() == before)
                return;
        }

        Assert.Fail("The kernel does not come to rest.");
    }
}
