namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>
/// An image that has less space behind it than it promises: the file system takes what is written, and only the sync finds out that it is nowhere.
/// </summary>
internal sealed class ThinDisk : IDisposable
{
    private readonly Mounted _below;
    private readonly string _image;
    private Mounted _disk;

    /// <param name="scratch">Where it is mounted.</param>
    /// <param name="kilobytesLeft">What there really is beyond what an empty file system needs.</param>
    internal ThinDisk(Scratch scratch, int kilobytesLeft)
    {
        _below = Mounted.Tmpfs(scratch.PathOf("below"), "64M");
        _image = FileSystemKind.Ext4.Make(System.IO.Path.Combine(_below.Path, "image"), "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0");
        _disk = Mounted.Image(_image, scratch.PathOf("mounted"), FileSystemKind.Ext4.Options);
        var drive = new DriveInfo(_below.Path);
        _below.Resize($"{((drive.TotalSize - drive.AvailableFreeSpace) >> 10) + kilobytesLeft}k");
    }

    internal string Path => _disk.Path;

    /// <summary>Gives it the space that it promises, and mounts it again, which forgets what only the kernel's memory had.</summary>
    internal void Grow(string size)
    {
        _disk.Unmount();
        _below.Resize(size);
        _disk = Mounted.Image(_image, Path, FileSystemKind.Ext4.Options);
    }

    public void Dispose()
    {
        _disk.Dispose();
        _below.Dispose();
    }
}
