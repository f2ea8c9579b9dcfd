using System.Security.Cryptography;
using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Server.TaskLogs;

/// <summary>
/// The directory of kept logs: a directory a remote, a file a task, both named by hashes, since no name that comes from a remote becomes one of a file.
/// A file appears whole or not at all; its time of change is when the log was fetched, by which the oldest go first. Safe to use from several threads.
/// </summary>
public sealed class KeptLogs
{
    private const string Suffix = ".log.gz";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _directory;
    private readonly KeptLogOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTime Fetched, string Path)> _byAge = [];

    private KeptLogs(string directory, KeptLogOptions options, TimeProvider clock) => (_directory, _options, _clock) = (directory, options, clock);

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>What their files take together.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Where a daemon keeps them.</summary>
    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "kept-logs");

    /// <summary>Looks at what is there, and takes away what a crash left.</summary>
    internal static KeptLogs Open(string directory, KeptLogOptions options, TimeProvider clock)
    {
        var logs = new KeptLogs(directory, options, clock);
        if (Directory.Exists(directory))
        {
            foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
                logs.Take(file);
        }

        logs.Trim();
        return logs;
    }

    /// <summary>Drops all logs of a remote.</summary>
    public static void Purge(string dataDirectory, string remote)
    {
        string directory = Path.Combine(DirectoryIn(dataDirectory), NameOf(remote));
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    /// <summary>Gives the logs of a remote to its new name; nothing happens when that was done before.</summary>
    public static void Rename(string dataDirectory, string from, string to)
    {
        string source = Path.Combine(DirectoryIn(dataDirectory), NameOf(from));
        if (!Directory.Exists(source))
            return;
        Purge(dataDirectory, to);
        Directory.Move(source, Path.Combine(DirectoryIn(dataDirectory), NameOf(to)));
    }

    internal bool Contains(RemoteUpid task)
    {
        lock (_gate)
            return _entries.ContainsKey(PathOf(task));
    }

    /// <summary>The log of a task; null when it is not kept, or can no longer be read.</summary>
    internal KeptLog? Find(RemoteUpid task)
    {
        string path = PathOf(task);
        try
        {
            using (FileStream file = File.OpenRead(path))
            {
                if (KeptLog.TryRead(file) is { } log && log.Upid == task.Native)
                    return log;
            }

            lock (_gate)
                Drop(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is not there, or not for us: as good as not kept.
        }

        return null;
    }

    /// <summary>Keeps a log, durably, and drops the oldest where that is too much.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing is kept of it.</exception>
    internal void Keep(RemoteUpid task, KeptLog log)
    {
        string path = PathOf(task);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly);
        PrivateFile.Replace(path, log.ToBytes());
        File.SetLastWriteTimeUtc(path, DateTimeOffset.FromUnixTimeSeconds(log.Fetched).UtcDateTime);
        Take(path);
        Trim();
    }

    /// <summary>Drops what is too old or too much.</summary>
    internal void Trim()
    {
        DateTime oldest = _options.AgeMax is { } age ? _clock.GetUtcNow().UtcDateTime - age : DateTime.MinValue;
        lock (_gate)
        {
            while (_byAge.Count > 0 && (_entries.Count > _options.CountMax || Bytes > _options.BytesMax || _byAge.Min.Fetched < oldest))
                Drop(_byAge.Min.Path);
        }
    }

    private static string NameOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    private string PathOf(RemoteUpid task) => Path.Combine(_directory, NameOf(task.Remote), NameOf(task.Native) + Suffix);

    private void Take(string path)
    {
        if (!path.EndsWith(Suffix, StringComparison.Ordinal))
        {
            // Half of a file that a crash has left; nobody else writes here.
            File.Delete(path);
            return;
        }

        var file = new FileInfo(path);
        var entry = new Entry(file.Length, file.LastWriteTimeUtc);
        lock (_gate)
        {
            Forget(path);
            _entries.Add(path, entry);
            _byAge.Add((entry.Fetched, path));
            Bytes += entry.Bytes;
        }
    }

    private void Drop(string path)
    {
        Forget(path);
        File.Delete(path);
    }

    private void Forget(string path)
    {
        if (!_entries.Remove(path, out Entry known))
            return;
        _byAge.Remove((known.Fetched, path));
        Bytes -= known.Bytes;
    }

    private readonly record struct Entry(long Bytes, DateTime Fetched);
}
