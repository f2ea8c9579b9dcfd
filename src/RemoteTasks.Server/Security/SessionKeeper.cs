namespace RemoteTasks.Server.Security;

/// <summary>Ends sessions that have lasted too long, and those of users who are gone, have another role or another password.</summary>
internal sealed class SessionKeeper(Sessions sessions, Watched<User> users, ILogger<SessionKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                IReadOnlyList<User> now = users.All;
                sessions.EndWhere(session => session.Account.User is { } user && !now.Contains(user));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                logger.SessionsNotKept(error);
            }
        }
    }
}
