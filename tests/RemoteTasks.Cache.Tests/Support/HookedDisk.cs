using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>The real disk, telling a hook of every call before it is made: "read archive.1000", "rename journal", ... A hook that throws is a failing disk.</summary>
internal sealed class HookedDisk : IDisk
{
    private readonly RealDisk _disk = RealDisk.Instance;

    internal Action<string> Hook { get; set; } = static _ => { };

    /// <summary>Bad sectors: which bytes of a file the disk never gives, from where on, how many.</summary>
    internal Func<FileIdentity, long, int, bool> IsUnreadable { get; set; } = static (_, _, _) => false;

    /// <summary>Of all files together.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>Whether a lock can be had, by the same call: false is somebody else who holds it for as long as one waits.</summary>
    internal Func<string, bool> Grants { get; set; } = static _ => true;

    /// <summary>Whether a file that was listed is gone by the time it is opened.</summary>
    internal Func<string, bool> Hides { get; set; } = static _ => false;

    public IDiskFile? OpenRead(string path) => Hides(Path.GetFileName(path)) ? null : Wrap(_disk.OpenRead(path), path);

    public Guid Boot { get; set; } = RealDisk.Instance.Boot;

    public FileStamp? Stamp(string path) => _disk.Stamp(path);

    public IDiskFile OpenWrite(string path) => Wrap(_disk.OpenWrite(path), path)!;

    public IDiskFile Create(string path) => Wrap(_disk.Create(path), path)!;

    public void Rename(string source, string target)
    {
        Tell("rename", target);
        _disk.Rename(source, target);
    }

    public void Link(string source, string target)
    {
        Tell("link", target);
        _disk.Link(source, target);
    }

    public void Delete(string path)
    {
        Tell("delete", path);
        _disk.Delete(path);
    }

    public void SyncDirectory(string path)
    {
        Tell("syncdir", path);
        _disk.SyncDirectory(path);
    }

    public void CreateDirectory(string path) => _disk.CreateDirectory(path);

    public IReadOnlyList<string> List(string path) => _disk.List(path);

    public IDiskLock OpenLock(string path) => new HookedLock(this, _disk.OpenLock(path), path);

    private void Tell(string action, string path) => Hook($"{action} {Path.GetFileName(path)}");

    private HookedFile? Wrap(IDiskFile? file, string path) => file is null ? null : new HookedFile(this, file, path);

    private sealed class HookedFile(HookedDisk disk, IDiskFile file, string path) : IDiskFile
    {
        public FileIdentity Identity => file.Identity;

        public long Length => file.Length;

        public FileStamp Stamp => file.Stamp;

        public int Read(long offset, Span<byte> buffer)
        {
            disk.Tell("read", path);
            if (disk.IsUnreadable(file.Identity, offset, buffer.Length))
                throw new UnreadableException("Input/output error", 5);
            int read = file.Read(offset, buffer);
            disk.BytesRead += read;
            return read;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.Tell("write", path);
            file.Write(offset, bytes);
        }

        public void SendOff(long offset, long count)
        {
            disk.Tell("send", path);
            file.SendOff(offset, count);
        }

        public void SetLength(long length)
        {
            disk.Tell("cut", path);
            file.SetLength(length);
        }

        public void Sync()
        {
            disk.Tell("sync", path);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }

    private sealed class HookedLock(HookedDisk disk, IDiskLock @lock, string path) : IDiskLock
    {
        public bool TryTake(LockMode mode, TimeSpan timeout)
        {
            string action = mode == LockMode.Exclusive ? "lock-exclusive" : "lock-shared";
            disk.Tell(action, path);
            return disk.Grants($"{action} {Path.GetFileName(path)}") && @lock.TryTake(mode, timeout);
        }

        public void Dispose() => @lock.Dispose();
    }
}
