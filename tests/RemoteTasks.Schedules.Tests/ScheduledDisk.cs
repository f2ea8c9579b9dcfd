using Microsoft.Coyote.Runtime;
using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Schedules.Tests;

/// <summary>A disk on which, before each call, anybody else may go on. Its locks are those of flock(2), between whoever opens them, and waited for without a time-out.</summary>
internal sealed class ScheduledDisk(IDisk disk) : IDisk
{
    private readonly object _gate = new();
    private readonly Dictionary<string, List<ScheduledLock>> _held = new(StringComparer.Ordinal);

    /// <summary>A mistake: who asks for a lock has it.</summary>
    internal bool LocksNobodyOut { get; init; }

    /// <summary>Calls so far, locks not counted.</summary>
    internal long Calls { get; private set; }

    public Guid Boot => disk.Boot;

    public IDiskFile? OpenRead(string path) => Call(() => disk.OpenRead(path) is { } file ? new ScheduledFile(this, file) : null);

    public FileStamp? Stamp(string path) => Call(() => disk.Stamp(path));

    public IDiskFile OpenWrite(string path) => Call(() => new ScheduledFile(this, disk.OpenWrite(path)));

    public IDiskFile Create(string path) => Call(() => new ScheduledFile(this, disk.Create(path)));

    public void Rename(string source, string target) => Call(() => disk.Rename(source, target));

    public void Link(string source, string target) => Call(() => disk.Link(source, target));

    public void Delete(string path) => Call(() => disk.Delete(path));

    public void SyncDirectory(string path) => Call(() => disk.SyncDirectory(path));

    public void CreateDirectory(string path) => Call(() => disk.CreateDirectory(path));

    public IReadOnlyList<string> List(string path) => Call(() => disk.List(path));

    public IDiskLock OpenLock(string path) => new ScheduledLock(this, path);

    private void Call(Action call) => Call(() =>
    {
        call();
        return true;
    });

    private T Call<T>(Func<T> call)
    {
        SchedulingPoint.Interleave();
        lock (_gate)
        {
            Calls++;
            return call();
        }
    }

    private sealed class ScheduledFile(ScheduledDisk disk, IDiskFile file) : IDiskFile
    {
        public FileIdentity Identity => file.Identity;

        public long Length => disk.Call(() => file.Length);

        public FileStamp Stamp => disk.Call(() => file.Stamp);

        public int Read(long offset, Span<byte> buffer)
        {
            SchedulingPoint.Interleave();
            lock (disk._gate)
            {
                disk.Calls++;
                return file.Read(offset, buffer);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            SchedulingPoint.Interleave();
            lock (disk._gate)
            {
                disk.Calls++;
                file.Write(offset, bytes);
            }
        }

        public void SendOff(long offset, long count) => disk.Call(() => file.SendOff(offset, count));

        public void SetLength(long length) => disk.Call(() => file.SetLength(length));

        public void Sync() => disk.Call(file.Sync);

        public void Dispose() => file.Dispose();
    }

    private sealed class ScheduledLock(ScheduledDisk disk, string path) : IDiskLock
    {
        private LockMode _mode;

        public bool TryTake(LockMode mode, TimeSpan timeout)
        {
            SchedulingPoint.Interleave();
            lock (disk._gate)
            {
                // As the kernel does it: who changes a lock lets go of it first.
                Release();
                while (!IsFree(mode))
                {
                    if (timeout <= TimeSpan.Zero)
                        return false;
                    Monitor.Wait(disk._gate);
                }

                _mode = mode;
                Holders().Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (disk._gate)
                Release();
        }

        private List<ScheduledLock> Holders()
        {
            if (!disk._held.TryGetValue(path, out List<ScheduledLock>? holders))
                disk._held.Add(path, holders = []);
            return holders;
        }

        private bool IsFree(LockMode mode) =>
            disk.LocksNobodyOut || Holders().All(other => mode == LockMode.Shared && other._mode == LockMode.Shared);

        private void Release()
        {
            if (Holders().Remove(this))
                Monitor.PulseAll(disk._gate);
        }
    }
}
