namespace RemoteTasks.Server.Security;

/// <summary>
/// The content of a file, read again when the file has changed. One that cannot be used, or that others can read, counts as having nobody in it, until it
/// is mended: who was taken out of it must not come in because another line is wrong.
/// </summary>
internal sealed class Watched<T>
    where T : class, IAccess
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly AccessFile<T> _file;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Look _look;
    private IReadOnlyList<T> _all;
    private long _lookedAt;

    /// <summary>Reads it for the first time.</summary>
    /// <exception cref="IOException">It cannot be used: a daemon does not start like that.</exception>
    internal Watched(AccessFile<T> file, ILogger logger)
    {
        _file = file;
        _logger = logger;
        _look = Look.At(file.Path);
        _all = file.Load();
        _lookedAt = TimeProvider.System.GetTimestamp();
    }

    /// <summary>What is in it now, give or take a second. Files change in real time, whatever clock the polls follow.</summary>
    internal IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                if (TimeProvider.System.GetElapsedTime(_lookedAt) >= Pause)
                    Refresh();
                return _all;
            }
        }
    }

    private void Refresh()
    {
        _lookedAt = TimeProvider.System.GetTimestamp();
        Look look = Look.At(_file.Path);
        if (look == _look)
            return;
        try
        {
            _all = _file.Load();
            _logger.AccessReloaded(_file.Path, _all.Count);
        }
        catch (IOException error)
        {
            _all = [];
            _logger.AccessNotReloaded(error.Message);
        }

        _look = look;
    }

    /// <summary>What tells a file from what it was.</summary>
    private readonly record struct Look(bool IsThere, long Length, DateTime Written, UnixFileMode Mode)
    {
        internal static Look At(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new Look(IsThere: true, file.Length, file.LastWriteTimeUtc, file.UnixFileMode) : default;
        }
    }
}
