using RemoteTasks.Cache;
using RemoteTasks.Cache.Disk;
using RemoteTasks.Proxmox;
using RemoteTasks.Server;

namespace RemoteTasks.Cli.Commands;

/// <summary>The daemon's cache, taken over for a change of what its remotes are called.</summary>
internal sealed class RemoteCache : IDisposable
{
    private readonly DataDirectoryLock _alone;
    private readonly CacheWriter _writer;

    private RemoteCache(DataDirectoryLock alone, CacheWriter writer)
    {
        _alone = alone;
        _writer = writer;
        using CacheReader reader = writer.Read();
        Renamed = reader.State.Renamed;
    }

    /// <summary>A renaming of which the remotes file may not know yet.</summary>
    internal RemoteRename? Renamed { get; }

    /// <summary>Null when there is no cache.</summary>
    /// <param name="data">The daemon's directory.</param>
    /// <param name="path">The remotes file, which is to be replaced afterwards: whether it can is tried now.</param>
    /// <exception cref="UsageException">It must not be written by who runs this.</exception>
    internal static RemoteCache? TryTake(string data, string path)
    {
        string home = Path.GetFullPath(data);
        string directory = ServerOptions.CacheDirectoryIn(home);
        if (!Directory.Exists(directory))
            return null;
        RefuseAnothers([home, directory], path);
        PrivateFile.EnsureReplaceable(path);
        var alone = DataDirectoryLock.Take(home);
        try
        {
            return new RemoteCache(alone, TaskCache.Open(directory).Write());
        }
        catch
        {
            alone.Dispose();
            throw;
        }
    }

    internal static UsageException Missing(string data) => new(
        $"There is no cache in '{ServerOptions.CacheDirectoryIn(Path.GetFullPath(data))}', so nothing was changed. "
        + "Give the daemon's own directory by --data.");

    /// <summary>Whether tasks of a remote are stored, whether or not it is polled.</summary>
    internal bool HasTasks(string remote)
    {
        using CacheReader reader = _writer.Read();
        return reader.List(new TaskQuery { Remote = remote, Limit = 1 }).Rows.Count > 0;
    }

    /// <summary>What was interrupted comes first: the file still has a name that the cache has no more.</summary>
    /// <param name="editor">The file as it is.</param>
    /// <param name="than">The renaming that may pend, since it is what is being done.</param>
    internal void EnsureNothingPends(RemotesEditor editor, RemoteRename? than)
    {
        if (Renamed is { } rename && rename != than && rename.IsUnknownTo([.. editor.Remotes.Select(remote => remote.Id)]))
        {
            throw new UsageException(
                $"'{rename.From}' was to become '{rename.To}', and that was interrupted. Nothing was changed. "
                + $"Finish it first: remote-tasks remote rename {rename.From} {rename.To}");
        }
    }

    internal void Change(Action<CacheWriter> change)
    {
        try
        {
            change(_writer);
        }
        catch (ArgumentException error)
        {
            throw new UsageException($"{UsageErrors.Explain(error)} Nothing was changed.");
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _alone.Dispose();
    }

    /// <summary>What root writes into a cache its owner could not write any more, and perhaps not read.</summary>
    private static void RefuseAnothers(string[] directories, string path)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        foreach (string directory in directories)
        {
            if (FileOwner.Of(directory) is not { User: not 0 } owner)
                continue;
            string besides = Path.GetDirectoryName(Path.GetFullPath(path))!;
            throw new UsageException(
                $"'{directory}' belongs to the user {owner.Name}, whom files that root makes there would shut out. Nothing was changed. "
                + $"Do the same as that user: sudo -u {owner.Name} remote-tasks remote ... --data '{directories[0]}'"
                + (FileOwner.Of(besides)?.User == owner.User ? "" : $" (who must be able to write in '{besides}', too)"));
        }
    }
}
