using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>Something that is mounted, until it is disposed.</summary>
internal sealed partial class Mounted : IDisposable
{
    // _IOR('X', 125, __u32), and: the log is not written out before.
    private const nuint ShutDown = 0x8004587D;
    private const uint NoLogFlush = 2;

    private const int Tries = 100;

    private bool _isMounted = true;

    private Mounted(string path) => Path = path;

    internal string Path { get; }

    internal static Mounted Tmpfs(string path, string size) => Mount(path, ["-t", "tmpfs", "-o", $"size={size}", "tmpfs"]);

    internal static Mounted Image(string image, string path, string options) => Mount(path, ["-o", options, image]);

    /// <summary>Another size of a tmpfs.</summary>
    internal void Resize(string size) => Tool.Run("mount", "-o", $"remount,size={size}", Path);

    /// <summary>The moment in which the power fails: nothing reaches the image any more, neither data nor the file system's own log.</summary>
    internal void CutPower()
    {
        // A directory cannot be opened by .NET.
        using var directory = new SafeFileHandle(Open(Path, 0), ownsHandle: true);
        uint how = NoLogFlush;
        if (directory.IsInvalid || IoControl(directory, ShutDown, ref how) != 0)
            throw new InvalidOperationException($"Cannot shut down the file system in '{Path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>How much was written to the device so far, as the kernel counts it.</summary>
    internal string DeviceWrites()
    {
        const int Completed = 4;
        const int Sectors = 6;
        const int InFlight = 8;
        string device = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).Single(mount => mount[1] == Path)[0];
        string[] counts = File.ReadAllText($"/sys/block/{System.IO.Path.GetFileName(device)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return $"{counts[Completed]} {counts[Sectors]} {counts[InFlight]}";
    }

    /// <summary>Unmounts it. Files that this process read and forgot are closed first.</summary>
    internal void Unmount()
    {
        using var timer = new ManualResetEventSlim();
        string said = "";
        for (int tries = 0; _isMounted && tries < Tries; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _isMounted = !Tool.TryRun(out said, "umount", Path);
            if (_isMounted)
                timer.Wait(TimeSpan.FromMilliseconds(20));
        }

        if (_isMounted)
            throw new InvalidOperationException($"Cannot unmount '{Path}': {said}");
    }

    /// <summary>What is still in use goes as soon as it is not any more.</summary>
    public void Dispose()
    {
        if (_isMounted)
            Tool.TryRun(out _, "umount", "--lazy", Path);
        _isMounted = false;
    }

    private static Mounted Mount(string path, string[] args)
    {
        Directory.CreateDirectory(path);
        Tool.Run("mount", [.. args, path]);
        return new Mounted(path);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(SafeFileHandle file, nuint request, ref uint argument);
}
