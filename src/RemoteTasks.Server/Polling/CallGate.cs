namespace RemoteTasks.Server.Polling;

/// <summary>At most so many calls to remotes at a time: to all together, and to each.</summary>
internal sealed class CallGate(SemaphoreSlim all, int perRemote) : IDisposable
{
    private readonly SemaphoreSlim _own = new(perRemote);

    /// <summary>Runs a call when both have room. The own place is taken first, so that a slow remote holds no more of the common ones than it may.</summary>
    internal async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken ct)
    {
        await _own.WaitAsync(ct);
        try
        {
            await all.WaitAsync(ct);
            try
            {
                return await call();
            }
            finally
            {
                all.Release();
            }
        }
        finally
        {
            _own.Release();
        }
    }

    public void Dispose() => _own.Dispose();
}
