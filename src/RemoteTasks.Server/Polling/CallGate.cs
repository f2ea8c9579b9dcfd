namespace RemoteTasks.Server.Polling;

/// <summary>
/// At most so many calls to remotes at a time: to all together, and to each. A call that takes long gives its common place to the others and keeps its own:
/// slow remotes, however many, hold nobody up.
/// </summary>
internal sealed class CallGate(SemaphoreSlim all, int perRemote) : IDisposable
{
    private static readonly TimeSpan LongCall = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _own = new(perRemote);
    private int _queued;
    private long _begunAt = TimeProvider.System.GetTimestamp();

    /// <summary>Whether for so long no call of this remote has begun, and none waits for the others': what is under way then takes long by itself.</summary>
    internal bool IsStillFor(TimeSpan time) =>
        Volatile.Read(ref _queued) == 0 && TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _begunAt)) >= time;

    /// <summary>Runs a call when both have room. The own place is taken first, so that a slow remote holds no more of the common ones than it may.</summary>
    internal async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken ct)
    {
        await _own.WaitAsync(ct);
        try
        {
            await EnterAsync(ct);
            bool hasPlace = true;
            try
            {
                Task<T> answer = call();
                if (await Task.WhenAny(answer, Task.Delay(LongCall, TimeProvider.System, ct)) != answer)
                {
                    all.Release();
                    hasPlace = false;
                }

                return await answer;
            }
            finally
            {
                if (hasPlace)
                    all.Release();
            }
        }
        finally
        {
            _own.Release();
        }
    }

    public void Dispose() => _own.Dispose();

    private async Task EnterAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref _queued);
        try
        {
            await all.WaitAsync(ct);
            Interlocked.Exchange(ref _begunAt, TimeProvider.System.GetTimestamp());
        }
        finally
        {
            Interlocked.Decrement(ref _queued);
        }
    }
}
