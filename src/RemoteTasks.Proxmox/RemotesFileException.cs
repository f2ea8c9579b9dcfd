namespace RemoteTasks.Proxmox;

/// <summary>
/// The remotes file, or a file that it names, cannot be used. The message names the file, the remote, the member and what to do;
/// it never repeats a value that could be a secret.
/// </summary>
public sealed class RemotesFileException : Exception
{
    internal RemotesFileException(string file, string? where, string problem, string remedy, Exception? cause = null)
        : base($"{file}: {(where is null ? "" : $"{where}: ")}{problem}. {remedy}", cause)
    {
        File = file;
        Where = where;
        Remedy = remedy;
    }

    /// <summary>Path of the remotes file.</summary>
    public string File { get; }

    /// <summary>Which remote and member; null when it is about the whole file.</summary>
    public string? Where { get; }

    /// <summary>What to do about it, a sentence for a person.</summary>
    public string Remedy { get; }
}
