using System.Net;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Cli.Tests.Support;
using RemoteTasks.Reliability.Tests.Kernel;

namespace RemoteTasks.Reliability.Tests;

/// <summary>Disks without space: those that say so when they are written to, and those that promise more than they have and fail the sync.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    private const int PageKilobytes = 4;
    private const int PagesMin = 4;
    private const int PagesMax = 70;
    private const int StepsAfter = 10;
    private const string Enough = "64M";
    private const int KilobytesMin = 330;

    // Invariants checked: what was acknowledged before the disk was full is shown, once and in order, and every file is whole while it is; when there is
    // space again the same process goes on, and nothing is missing.
    [Fact]
    public async Task A_full_disk_costs_nothing_that_was_acknowledged_and_the_process_goes_on_when_there_is_space()
    {
        Needs.Mounts();
        using var scratch = new Scratch();
        var tally = new Tally("full disks");
        var random = new Random(11);
        int sizes = Effort.Of(usual: 6, nightly: 50);
        for (int size = 0; size < sizes; size++)
        {
            int kilobytes = PageKilobytes * random.Next(PagesMin, PagesMax);
            int seed = random.Next(1_000);
            var life = new Life(seed, isRepeatable: true);
            string where = $"life {seed}, {kilobytes} KiB";
            using Mounted disk = Mounted.Tmpfs(scratch.PathOf("mounted"), $"{kilobytes}k");
            using WorkloadProcess process = WorkloadProcess.Live(disk.Path, scratch.PathOf($"acks-{size}"), seed, AfterFailure.TryAgain);
            await process.WaitAsync(() => process.HasFailed);
            Assert.True(process.HasFailed, $"{where}: the disk was never full");
            int acks = process.Acks();
            string directory = Path.Combine(disk.Path, "0");
            tally.Add(
                Inspection.Look(life.PromiseAt(acks), directory, life.Options) ?? Inspection.Damage(directory, life.Options), acks, $"{where}, full after {acks} steps");

            disk.Resize(Enough);
            await process.GoOnAsync();
            await process.WaitAsync(() => process.HasFailed || process.Acks() >= acks + StepsAfter);
            process.Kill();
            int last = process.Acks();
            string? later = last < acks + StepsAfter ? $"with space again it did {last - acks} steps" : Inspection.Broken(life, directory, last, last);
            tally.Add(later, last, $"{where}, with space again after {last} steps");
            disk.Unmount();
        }

        tally.Conclude(output);
    }

    // Invariants checked: after a sync that failed the process acknowledges nothing, writes nothing and still reads; what it had acknowledged is on the
    // disk, once and in order.
    [Fact]
    public async Task After_a_real_failure_of_a_sync_nothing_is_acknowledged_and_nothing_acknowledged_is_lost()
    {
        Needs.FileSystem(FileSystemKind.Ext4);
        using var scratch = new Scratch();
        var tally = new Tally("thin disks");
        var random = new Random(13);
        int sizes = Effort.Of(usual: 4, nightly: 50);
        int unconfirmed = 0;
        for (int size = 0; size < sizes; size++)
        {
            int seed = random.Next(1_000);
            var life = new Life(seed, isRepeatable: false);
            using var disk = new ThinDisk(scratch, kilobytesLeft: PageKilobytes * random.Next(PagesMin, 4 * PagesMax));
            using WorkloadProcess process = WorkloadProcess.Live(disk.Path, scratch.PathOf($"acks-{size}"), seed, AfterFailure.End);
            (int exitCode, string said) = await process.EndAsync();
            int acks = process.Acks();
            string where = $"life {seed}, disk {size}, after {acks} steps, exit code {exitCode} ({said.ReplaceLineEndings(" ")})";
            Assert.True(exitCode is not (Workload.Done or Workload.Broken), where);
            unconfirmed += exitCode == Workload.ReadOnly ? 1 : 0;
            disk.Grow(Enough);
            tally.Add(Inspection.Broken(life, Path.Combine(disk.Path, "0"), acks, acks), acks, where);
        }

        tally.Conclude(output);
        output.WriteLine($"{unconfirmed} of them failed in a sync first; each process wrote nothing after that, and read on");
        Assert.True(unconfirmed > 0);
    }

    [Fact]
    public async Task A_command_whose_sync_fails_says_so_and_fails()
    {
        Needs.FileSystem(FileSystemKind.Ext4);
        using var scratch = new Scratch();
        using var disk = new ThinDisk(scratch, kilobytesLeft: 512);
        string lines = scratch.PathOf("lines");
        await File.WriteAllLinesAsync(lines, Enumerable.Range(0, 20_000).Select(i =>
            $$"""{"upid":"pve:c!UPID:n:{{i:X8}}:00000001:{{LongJournal.Begin + i:X8}}:qmstart:100:root@pam:","starttime":{{LongJournal.Begin + i}},"status":"OK","endtime":{{LongJournal.Begin + i}}}"""));
        await using ProductProcess import = ProductProcess.Start(["import", "--cache", Path.Combine(disk.Path, "cache"), "--batch", "500", lines]);
        Assert.NotEqual(0, (await import.EndAsync()).ExitCode);
        output.WriteLine(import.Said.Trim());
        Assert.Contains("The disk did not confirm a write", import.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", import.Said, StringComparison.Ordinal);
        disk.Grow(Enough);
        Assert.Null(Inspection.Damage(Path.Combine(disk.Path, "cache"), new TaskCacheOptions()));
    }

    // Invariants checked: its health says why nothing is stored, what it has it still shows, and when there is space again it goes on by itself, with
    // everything that it has ever shown.
    [Fact]
    public async Task A_daemon_whose_disk_is_full_says_so_answers_and_goes_on_when_there_is_space()
    {
        Needs.Mounts();
        using var scratch = new Scratch();
        using Mounted disk = Mounted.Tmpfs(scratch.PathOf("mounted"), "160k");
        await using DaemonRun daemon = await DaemonRun.OfFleetAsync(scratch.Path, disk.Path);
        daemon.Start();
        await daemon.IsUpAsync();
        string health = await daemon.HealthBecomesAsync(HttpStatusCode.ServiceUnavailable);
        output.WriteLine(health);
        Assert.Contains("the disk is full", health, StringComparison.Ordinal);
        await daemon.LookAsync();
        disk.Resize(Enough);
        await daemon.HealthBecomesAsync(HttpStatusCode.OK);
        await daemon.LookAsync();
        await daemon.KillAsync();
        Assert.Null(daemon.Broken());
        output.WriteLine($"{daemon.Shown} tasks shown, none lost");
        await daemon.CatchUpAsync();
    }

    // Invariants checked: the same, but that it stores nothing any more until it is started again. Where the disk ends is another write each time: of the
    // journal, an archive, the state. Once failed: it showed lines that the sync then failed to make durable.
    [Fact]
    public async Task A_daemon_whose_sync_failed_says_so_answers_and_recovers_with_the_next_start()
    {
        Needs.FileSystem(FileSystemKind.Ext4);
        int sizes = Effort.Of(usual: 2, nightly: 40);
        int step = Effort.Of(usual: 30, nightly: 10);
        for (int size = 0; size < sizes; size++)
        {
            using var scratch = new Scratch();
            int kilobytes = KilobytesMin + (step * size);
            using var disk = new ThinDisk(scratch, kilobytes);
            await using DaemonRun daemon = await DaemonRun.OfFleetAsync(scratch.Path, disk.Path);
            daemon.Start();
            await daemon.IsUpAsync();
            string health = await daemon.HealthBecomesAsync(HttpStatusCode.ServiceUnavailable);
            output.WriteLine(health);
            await daemon.LookAsync();
            int shown = daemon.Shown;
            await daemon.WatchAsync(TimeSpan.FromMilliseconds(500));

            // Whether a sync met it first, or a write to a file system that some other sync of the kernel's own had made read-only.
            Assert.Matches("\"cache_writable\":false,\"reason\":\"the disk (did not confirm a write|refuses to write)\"", (await daemon.HealthAsync()).Body);
            Assert.Equal(shown, daemon.Shown);
            await daemon.KillAsync();
            disk.Grow(Enough);
            string? broken = daemon.Broken();
            Assert.True(broken is null, $"{kilobytes} KiB: {broken}");
            output.WriteLine($"{kilobytes} KiB: {daemon.Shown} tasks shown, none lost");
            await daemon.CatchUpAsync();
        }
    }
}
