namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>What a machine must have for these tests. Where it has not, they are skipped, and say what to do about it.</summary>
internal static class Needs
{
    private static readonly Lazy<string?> NoMounts = new(TryMounts);

    /// <summary>To mount things, and loop devices.</summary>
    internal static void Mounts()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Skip("NOT TESTED: this test mounts file systems. Run it as root (in a container: with CAP_SYS_ADMIN and /dev/loop-control).");
        if (NoMounts.Value is { } problem)
            Assert.Skip($"NOT TESTED: nothing can be mounted here ({problem}). Give the container CAP_SYS_ADMIN, /dev/loop-control and util-linux.");
    }

    /// <summary>Mounts, and a file system.</summary>
    internal static void FileSystem(FileSystemKind kind)
    {
        Mounts();
        if (!Tool.IsThere($"mkfs.{kind.Type}"))
            Assert.Skip($"NOT TESTED: there is no mkfs.{kind.Type}. Install it: apt-get install {kind.Package}");
        Tool.TryRun(out _, "modprobe", "-q", kind.Type);
        if (!File.ReadLines("/proc/filesystems").Any(line => line.Split('\t')[^1] == kind.Type))
            Assert.Skip($"NOT TESTED: this kernel has no {kind.Type}. Run it on one that has.");
    }

    private static string? TryMounts()
    {
        try
        {
            using var scratch = new Scratch();
            using (Mounted small = Mounted.Tmpfs(scratch.PathOf("small"), "64k"))
                small.Resize("128k");
            using Mounted image = Mounted.Image(FileSystemKind.Ext4.Make(scratch.PathOf("image")), scratch.PathOf("mounted"), FileSystemKind.Ext4.Options);
            return null;
        }
        catch (InvalidOperationException failed)
        {
            return failed.Message;
        }
    }
}
