using System.Collections.Concurrent;
using RemoteTasks.Cache;
using RemoteTasks.Server.Observation;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// The daemon's one way to change the cache: pollers take turns, and waiting for another program's lock or for the disk holds no
/// request thread.
/// </summary>
internal sealed class TaskStore(TaskCache cache, ILogger<TaskStore> logger) : IDisposable
{
    private const int NoSpace = 28;
    private const int OverQuota = 122;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);

    /// <summary>Told what a poll brought, when it is stored.</summary>
    internal Action<IReadOnlyList<TaskRecord>> OnStored { get; set; } = static _ => { };

    /// <summary>Why nothing can be written any more; null while all is well.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Why the tasks of some remote could not be stored when that was last tried; null when all could. It is tried again, and passes by itself.</summary>
    internal string? Refusal => _refused.Values.FirstOrDefault();

    internal TaskCache Cache => cache;

    /// <summary>After each change, on the thread that made it: who listens must return at once.</summary>
    internal Action? Written { get; set; }

    /// <summary>Stores what a remote brought, and remembers whether that was possible.</summary>
    internal async Task<UpdateResult> StoreAsync(string remote, TaskBatch batch, CancellationToken ct)
    {
        try
        {
            UpdateResult stored = await WriteAsync(writer => writer.Update(batch), ct);
            _refused.TryRemove(remote, out _);
            return stored;
        }
        catch (IOException error)
        {
            _refused[remote] = error.HResult is NoSpace or OverQuota ? "the disk is full" : "the disk refuses to write";
            throw;
        }
    }

    /// <summary>
    /// Makes durable what the process before may have left unconfirmed, before anybody sees it. Where the disk refuses, what there is is shown all the same.
    /// </summary>
    internal async Task MakeSureAsync(CancellationToken ct)
    {
        try
        {
            await WriteAsync(static writer => writer.Update(new TaskBatch()), ct);
        }
        catch (Exception error) when (error is CacheException or IOException or UnauthorizedAccessException)
        {
            logger.NotMadeSure(error);
        }
    }

    /// <summary>Runs a change with the cache locked.</summary>
    internal async Task<T> WriteAsync<T>(Func<CacheWriter, T> change, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            T result = await Task.Run(
                () =>
                {
                    using Measure measure = Telemetry.Write();
                    using CacheWriter writer = cache.Write();
                    return change(writer);
                },
                CancellationToken.None);
            Written?.Invoke();
            return result;
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
