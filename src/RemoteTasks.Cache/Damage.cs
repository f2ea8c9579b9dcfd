namespace RemoteTasks.Cache;

/// <summary>
/// A part of a file that could not be read. What surrounds it is served; the tasks that began in the range are in doubt until
/// they have been fetched again.
/// </summary>
/// <param name="File">The name of the file in the cache directory.</param>
/// <param name="From">Start time of the nearest readable task that is older; seconds since the epoch.</param>
/// <param name="To">Start time of the nearest readable task that is newer, or the file's upper bound.</param>
/// <param name="Lines">Lines that were passed over; 0 when whole blocks were lost and their lines cannot be counted.</param>
/// <param name="Problem">What is wrong, for people.</param>
public sealed record Damage(string File, long From, long To, int Lines, string Problem);
