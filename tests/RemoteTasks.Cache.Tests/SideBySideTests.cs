using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests;

/// <summary>Work on several threads.</summary>
public sealed class SideBySideTests
{
    // A disk may be full for one part while it does not confirm what another wrote, which must not be overlooked.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_failed_sync_is_told_whatever_else_failed_before_or_after(int syncing)
    {
        using var bothRun = new Barrier(2);
        using var firstFailed = new ManualResetEventSlim();
        SyncException failed = new("Input/output error", 5);
        Exception? error = Record.Exception(() => SideBySide.Run([0, 1], atOnce: 2, part =>
        {
            bothRun.SignalAndWait(TestContext.Current.CancellationToken);
            if (part == 1)
            {
                firstFailed.Wait(TestContext.Current.CancellationToken);
                Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            }

            firstFailed.Set();
            throw part == syncing ? failed : new IOException("No space left on device", 28);
        }));
        Assert.Same(failed, error);
    }

    [Fact]
    public void Each_part_is_done_once()
    {
        int[] done = new int[50];
        SideBySide.Run(done.Length, part => Interlocked.Increment(ref done[part]));
        Assert.All(done, count => Assert.Equal(1, count));
        Assert.IsType<IOException>(Record.Exception(() => SideBySide.Run(3, static part => throw new IOException($"{part}"))));
    }
}
