using RemoteTasks.Proxmox;

namespace RemoteTasks.Server.Polling;

/// <summary>
/// Reads the list of remotes again when it has changed, so that nobody has to restart the daemon. A list that cannot be read changes nothing, and is told of.
/// </summary>
internal sealed class RemotesWatcher(FleetPoller fleet, ServerOptions options, ILogger<RemotesWatcher> logger) : BackgroundService
{
    private string? _problem;

    /// <summary>Why the list could not be read when that was last tried; null: it could.</summary>
    internal string? Problem => Volatile.Read(ref _problem);

    /// <summary>Reads the list now.</summary>
    /// <exception cref="RemotesFileException">It cannot be read: nothing is changed.</exception>
    internal async Task<ReloadOutcome> ReloadAsync(CancellationToken ct)
    {
        if (options.RemotesFile is not { } file)
            return new ReloadOutcome([], [], []);
        try
        {
            ReloadOutcome outcome = await fleet.ReloadAsync(await Task.Run(() => RemotesFile.Load(file), ct), ct);
            Volatile.Write(ref _problem, null);
            if (!outcome.IsNothing)
                logger.RemotesReloaded(string.Join(' ', outcome.Added), string.Join(' ', outcome.Changed), string.Join(' ', outcome.Removed));
            return outcome;
        }
        catch (RemotesFileException error)
        {
            if (Interlocked.Exchange(ref _problem, error.Message) != error.Message)
                logger.RemotesNotReloaded(error.Message);
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.RemotesFile is null)
            return;

        // Files change in real time, whatever clock the polls follow.
        using var timer = new PeriodicTimer(options.Intervals.Reload, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReloadAsync(stoppingToken);
            }
            catch (RemotesFileException)
            {
                // It was told of.
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.MaintenanceFailed(error, "Reload");
            }
        }
    }
}
