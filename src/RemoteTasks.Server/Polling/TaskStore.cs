using RemoteTasks.Cache;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// The daemon's one way to change the cache: pollers take turns, and waiting for another program's lock or for the disk holds no
/// request thread.
/// </summary>
internal sealed class TaskStore(TaskCache cache, ILogger<TaskStore> logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Why nothing can be written any more; null while all is well.</summary>
    internal string? Failure { get; private set; }

    internal TaskCache Cache => cache;

    /// <summary>Runs a change with the cache locked.</summary>
    internal async Task<T> WriteAsync<T>(Func<CacheWriter, T> change, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await Task.Run(
                () =>
                {
                    using CacheWriter writer = cache.Write();
                    return change(writer);
                },
                CancellationToken.None);
        }
        catch (CacheException error) when (error.Error == CacheError.SyncFailed)
        {
            if (Failure is null)
                logger.CacheFailed(error.Message);
            Failure = error.Message;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Notes damage that a reader met, so that it is fetched again. When it cannot be noted now, the next reader meets it again.</summary>
    internal async Task ReportDamageAsync(IReadOnlyCollection<Damage> damage)
    {
        if (damage.Count == 0)
            return;
        try
        {
            if (!await WriteAsync(writer => writer.RequestRepair(damage), CancellationToken.None))
                return;
        }
        catch (Exception error) when (error is CacheException or IOException or UnauthorizedAccessException)
        {
            logger.DamageNotNoted(error);
            return;
        }

        foreach (Damage part in damage)
            logger.DamageFound(part.File, part.Problem, part.From, part.To);
    }

    public void Dispose() => _turn.Dispose();
}
