using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteTasks.Cache.Disk;

/// <summary>
/// The system calls that .NET does not offer, or offers wrongly: its fsync swallows every error on Linux, its rename
/// falls back to copying, its directory handle cannot be opened, its file locks are not flock(2), and its reads at an offset ask lseek first,
/// and take a disk that is gone for a pipe.
/// </summary>
internal static partial class Libc
{
    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal const int CreateFlag = 0x40;
    internal const int ExclusiveFlag = 0x80;
    internal const int CloseOnExec = 0x80000;

    internal const int LockShared = 1;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;

    internal const uint BeginWriting = 2;

    /// <summary>Names are relative to where the process is.</summary>
    internal const int CurrentDirectory = -100;

    internal const uint OwnerMask = 0x8 | 0x10;

    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int InputOutput = 5;
    internal const int WouldBlock = 11;
    internal const int NotAllowed = 13;
    internal const int Exists = 17;
    internal const int ReadOnlyFileSystem = 30;
    internal const int NoData = 61;
    internal const int BadMessage = 74;
    internal const int NotClean = 117;

    // These two flags are the only ones the engine uses that differ between x86-64 and arm64 Linux.
    internal static readonly int DirectoryFlag = IsArm ? 0x4000 : 0x10000;
    internal static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    /// <summary>Whether an errno is what a bad sector answers, or a file system whose own sums do not fit.</summary>
    private static bool IsUnreadable(int error) => error is InputOutput or NoData or BadMessage or NotClean;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static unsafe partial nint PRead(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static unsafe partial nint PWrite(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string source, string target);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(string source, string target);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeDirectory(string path, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    internal static unsafe partial int FStat(SafeFileHandle file, ulong* buffer);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int Stat(string path, ulong* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int StatX(int directory, string path, int flags, uint mask, uint* buffer);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    internal static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    /// <summary>Runs a call that returns -1 on failure, again while a signal interrupts it; the errno, or 0.</summary>
    internal static int Try(Func<int> call)
    {
        while (call() < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                return error;
        }

        return 0;
    }

    /// <summary>An error of the operating system as an exception that says what failed on which file.</summary>
    internal static IOException Failure(int error, string action, string path)
    {
        string message = $"Cannot {action} '{path}': {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).";
        return action == "read" && IsUnreadable(error)
            ? new UnreadableException($"{message} If that lasts: 'remote-tasks check --repair' keeps the file as it is, and writes anew what can be read of it.", error)
            : new IOException(message, error);
    }
}
