using RemoteTasks.Server.Polling;

namespace RemoteTasks.Server.Tests.Polling;

/// <summary>Calls to all remotes together and to each are limited, and yet nobody starves.</summary>
public sealed class CallGateTests
{
    [Fact]
    public async Task However_many_remotes_hang_the_others_get_through()
    {
        using var all = new SemaphoreSlim(20);
        using var stopping = new CancellationTokenSource();
        CallGate[] hostile = [.. Enumerable.Range(0, 200).Select(_ => new CallGate(all, 5))];
        Task<int>[] hanging = [.. hostile.Select(gate => gate.RunAsync(() => HangAsync(stopping.Token), stopping.Token))];
        using var gate = new CallGate(all, 5);
        long began = TimeProvider.System.GetTimestamp();

        // 200 calls give their 20 places back ten times over in 2.5 s.
        Assert.Equal(7, await gate.RunAsync(() => Task.FromResult(7), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System));
        TimeSpan first = TimeProvider.System.GetElapsedTime(began);

        // From then on they hold nobody up at all.
        began = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 100; i++)
            await gate.RunAsync(() => Task.FromResult(i), CancellationToken.None);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1), $"{TimeProvider.System.GetElapsedTime(began)} after {first}");
        await stopping.CancelAsync();
        foreach (Task<int> call in hanging)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        foreach (CallGate any in hostile)
            any.Dispose();
        Assert.Equal(20, all.CurrentCount);
    }

    [Fact]
    public async Task A_remote_has_no_more_calls_under_way_than_it_may_however_long_they_take()
    {
        using var all = new SemaphoreSlim(20);
        using var gate = new CallGate(all, 3);
        int now = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => gate.RunAsync(
            async () =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System);
                return Interlocked.Decrement(ref now);
            },
            CancellationToken.None)));
        Assert.Equal(3, most);
        Assert.Equal(20, all.CurrentCount);
    }

    [Fact]
    public async Task A_call_that_fails_or_is_cancelled_gives_its_places_back()
    {
        using var all = new SemaphoreSlim(1);
        using var gate = new CallGate(all, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => gate.RunAsync<int>(() => throw new InvalidOperationException(), CancellationToken.None));
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.RunAsync(() => HangAsync(cancel.Token), cancel.Token));
        Assert.Equal(1, await gate.RunAsync(() => Task.FromResult(1), CancellationToken.None));
        Assert.Equal(1, all.CurrentCount);
    }

    private static async Task<int> HangAsync(CancellationToken ct)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        return 0;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int known = Volatile.Read(ref most); value > known; known = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, known);
    }
}
