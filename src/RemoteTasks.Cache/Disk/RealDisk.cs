using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteTasks.Cache.Disk;

/// <summary>The operating system's files, by system calls whose errors are all seen.</summary>
internal sealed class RealDisk : IDisk
{
    internal static readonly RealDisk Instance = new();

    private const int FileMode = 0x1A0; // 0640
    private const int DirectoryMode = 0x1E8; // 0750
    private const int StatLongs = 32;
    private const long LargeBytes = 1 << 20;

    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(1);

    private RealDisk()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("The cache needs Linux: it relies on flock(2), fsync(2) and rename(2) as Linux defines them.");
    }

    public Guid Boot { get; } = Guid.TryParse(BootId(), out Guid boot) ? boot : Guid.NewGuid();

    public IDiskFile? OpenRead(string path) =>
        TryOpen(path, Libc.ReadOnly | Libc.NoFollow, "open", out SafeFileHandle? handle) ? new RealFile(handle, path, isToRead: true) : null;

    public unsafe FileStamp? Stamp(string path)
    {
        ulong* buffer = stackalloc ulong[StatLongs];
        if (Libc.Stat(path, buffer) == 0)
            return StampFrom(buffer);
        int error = Marshal.GetLastPInvokeError();
        return error == Libc.NoEntry ? null : throw Libc.Failure(error, "read the state of", path);
    }

    public IDiskFile OpenWrite(string path) =>
        TryOpen(path, Libc.ReadWrite | Libc.NoFollow, "open", out SafeFileHandle? handle)
            ? new RealFile(handle, path)
            : throw Libc.Failure(Libc.NoEntry, "open", path);

    public IDiskFile Create(string path) => CreateFile(path, FileMode);

    /// <summary>The same for a file of another mode, and of another owner if so wanted.</summary>
    internal static IDiskFile CreateFile(string path, int mode, FileOwner? owner = null)
    {
        if (!TryOpen(path, Libc.ReadWrite | Libc.CreateFlag | Libc.ExclusiveFlag | Libc.NoFollow, "create", out SafeFileHandle? handle, mode))
            throw Libc.Failure(Libc.NoEntry, "create", path);
        var file = new RealFile(handle, path);
        int error = owner is { } wanted ? Libc.Try(() => Libc.ChangeOwner(handle, wanted.User, wanted.Group)) : 0;

        // Of a user's own file the group may be one that he has left since.
        if (error == 0 || owner?.User == Libc.EffectiveUser())
            return file;
        file.Dispose();
        throw Libc.Failure(error, $"give to user {owner!.Value.User}, group {owner.Value.Group},", path);
    }

    public void Rename(string source, string target) => Check(Libc.Try(() => Libc.Rename(source, target)), "rename to", target);

    public void Link(string source, string target) => Check(Libc.Try(() => Libc.Link(source, target)), "give another name to", source);

    public void Delete(string path)
    {
        int error = Libc.Try(() => Libc.Unlink(path));
        if (error != Libc.NoEntry)
            Check(error, "remove", path);
    }

    public void SyncDirectory(string path)
    {
        if (!TryOpen(path, Libc.ReadOnly | Libc.DirectoryFlag, "open", out SafeFileHandle? handle))
            throw Libc.Failure(Libc.NoEntry, "open", path);
        using (handle)
            Sync(handle, "sync the directory", path);
    }

    public void CreateDirectory(string path)
    {
        int error = Libc.Try(() => Libc.MakeDirectory(path, DirectoryMode));
        string? parent = Path.GetDirectoryName(path);
        if (error == Libc.NoEntry && !string.IsNullOrEmpty(parent))
        {
            CreateDirectory(parent);
            error = Libc.Try(() => Libc.MakeDirectory(path, DirectoryMode));
        }

        if (error != Libc.Exists)
            Check(error, "create the directory", path);
    }

    public IReadOnlyList<string> List(string path)
    {
        try
        {
            return [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    public IDiskLock OpenLock(string path)
    {
        try
        {
            return OpenLock(path, Libc.ReadWrite | Libc.CreateFlag);
        }
        catch (IOException error) when (error.HResult == Libc.ReadOnlyFileSystem)
        {
            // So a file system becomes that met an error: what lies on it can still be read, and flock asks for no more than this.
            return OpenLock(path, Libc.ReadOnly);
        }
    }

    /// <summary>
    /// The same on a directory itself: for files that are replaced, which cannot be locked, where no lock file should be left, least of all one
    /// that another user could not open.
    /// </summary>
    internal static IDiskLock OpenDirectoryLock(string path) => OpenLock(path, Libc.ReadOnly | Libc.DirectoryFlag);

    private static RealLock OpenLock(string path, int flags) =>
        TryOpen(path, flags | Libc.NoFollow, "open the lock", out SafeFileHandle? handle)
            ? new RealLock(handle, path)
            : throw Libc.Failure(Libc.NoEntry, "open the lock", path);

    private static bool TryOpen(string path, int flags, string action, out SafeFileHandle handle, int mode = FileMode)
    {
        int fd = -1;
        int error = Libc.Try(() => fd = Libc.Open(path, flags | Libc.CloseOnExec, mode));
        handle = new SafeFileHandle(fd, ownsHandle: true);
        if (error == Libc.NoEntry)
            return false;
        Check(error, action, path);
        return true;
    }

    /// <summary>What a name leads to, through any number of links, whether or not there is something; the name itself where it is no link.</summary>
    internal static string FinalTarget(string path) =>
        (new FileInfo(path).LinkTarget is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName) ?? path;

    /// <summary>What the kernel calls this life of it; empty where it does not say.</summary>
    private static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Check(int error, string action, string path)
    {
        if (error != 0)
            throw Libc.Failure(error, action, path);
    }

    private static void Sync(SafeFileHandle handle, string action, string path)
    {
        int error = Libc.Try(() => Libc.FSync(handle));
        if (error != 0)
            throw new SyncException(Libc.Failure(error, action, path).Message, error);
    }

    private static unsafe FileStamp StampOf(SafeFileHandle handle, string path)
    {
        ulong* buffer = stackalloc ulong[StatLongs];
        return Libc.FStat(handle, buffer) == 0 ? StampFrom(buffer) : throw Libc.Failure(Marshal.GetLastPInvokeError(), "read the state of", path);
    }

    /// <summary>struct stat is 144 bytes on x86-64 and 128 on arm64; these fields lie in the same place in both, counted in 8 bytes.</summary>
    private static unsafe FileStamp StampFrom(ulong* stat)
    {
        const int Device = 0;
        const int Inode = 1;
        const int Size = 6;
        const int Modified = 11;
        return new FileStamp(
            new FileIdentity(stat[Device], stat[Inode]), (long)stat[Size], unchecked(((long)stat[Modified] * 1_000_000_000) + (long)stat[Modified + 1]));
    }

    private static async Task CloseLater(SafeFileHandle handle)
    {
        await Task.Delay(CloseDelay, TimeProvider.System).ConfigureAwait(false);
        handle.Dispose();
    }

    private sealed class RealFile(SafeFileHandle handle, string path, bool isToRead = false) : IDiskFile
    {
        public FileIdentity Identity { get; } = StampOf(handle, path).Identity;

        // The runtime asks by lseek whether a file has offsets and a length. Where the disk is gone it takes the answer for "none", and does not call
        // that an I/O error. So its RandomAccess is not used here.
        public long Length => StampOf(handle, path).Length;

        public FileStamp Stamp => StampOf(handle, path);

        public unsafe int Read(long offset, Span<byte> buffer)
        {
            int total = 0;
            fixed (byte* bytes = buffer)
            {
                while (total < buffer.Length)
                {
                    nint read = Libc.PRead(handle, bytes + total, buffer.Length - total, offset + total);
                    if (read == 0)
                        break;
                    if (read > 0)
                        total += (int)read;
                    else
                        ThrowUnlessInterrupted("read");
                }
            }

            return total;
        }

        public unsafe void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            fixed (byte* first = bytes)
            {
                for (int total = 0; total < bytes.Length;)
                {
                    nint written = Libc.PWrite(handle, first + total, bytes.Length - total, offset + total);
                    if (written >= 0)
                        total += (int)written;
                    else
                        ThrowUnlessInterrupted("write to");
                }
            }
        }

        public void SendOff(long offset, long count)
        {
            // A file system that cannot begin early begins with the sync, and an error is told there.
            _ = Libc.Try(() => Libc.SyncFileRange(handle, offset, count, Libc.BeginWriting));
        }

        public void SetLength(long length) => Check(Libc.Try(() => Libc.Truncate(handle, length)), "cut", path);

        public void Sync() => RealDisk.Sync(handle, "sync", path);

        public void Dispose()
        {
            // Whoever closes a large file that has been replaced gives its space back, which takes milliseconds that nobody should wait for, and
            // keeps the disk from the sync that most likely comes next.
            if (isToRead && IsLarge())
                _ = CloseLater(handle);
            else
                handle.Dispose();
        }

        private void ThrowUnlessInterrupted(string action)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.Interrupted)
                throw Libc.Failure(error, action, path);
        }

        private bool IsLarge()
        {
            try
            {
                return !handle.IsClosed && Length >= LargeBytes;
            }
            catch (IOException)
            {
                // It is closed also when the disk is gone.
                return false;
            }
        }
    }
}
