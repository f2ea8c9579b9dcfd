namespace RemoteTasks.Cache.Disk;

/// <summary>What errors of a disk say, by the errno in their HResult.</summary>
internal static class DiskErrors
{
    /// <summary>The cause alone, for where the file is named already.</summary>
    internal static string Cause(IOException error) => error.HResult is > 0 and < 4096 ? $"errno {error.HResult}" : error.Message;

    /// <summary>A file or directory of others.</summary>
    internal static bool IsForbidden(IOException error) => error.HResult == Libc.NotAllowed;
}
