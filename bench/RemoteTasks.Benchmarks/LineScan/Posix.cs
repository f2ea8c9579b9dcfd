using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>Sync and rename as the reference calls them. The runtime's own forms swallow errors or copy.</summary>
internal static partial class Posix
{
    internal static void Sync(FileStream file)
    {
        file.Flush();
        Check(FSync(file.SafeFileHandle), "sync", file.Name);
    }

    internal static void Replace(string source, string target) => Check(Rename(source, target), "rename", source);

    /// <summary>Everything that anybody wrote goes to the disk.</summary>
    [LibraryImport("libc", EntryPoint = "sync")]
    internal static partial void SyncAll();

    private static void Check(int result, string action, string path)
    {
        if (result < 0)
            throw new IOException($"Cannot {action} '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string source, string target);
}
