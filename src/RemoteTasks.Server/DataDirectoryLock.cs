namespace RemoteTasks.Server;

/// <summary>
/// One daemon a data directory: two would poll everything twice and undo each other's work. The system takes the lock back when the
/// process ends, however it ends; the empty file stays.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = ".daemon.lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the directory for this process alone.</summary>
    /// <exception cref="IOException">Another daemon has the directory.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, FileName);
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            return new DataDirectoryLock(new FileStream(path, options));
        }
        catch (IOException error) when (error.GetType() == typeof(IOException) && File.Exists(path))
        {
            throw new IOException($"Another daemon works in '{directory}' already. Stop it, or give this one a data directory of its own.", error);
        }
    }

    /// <summary>Lets the next one have it.</summary>
    public void Dispose() => _file.Dispose();
}
