using Microsoft.Win32.SafeHandles;

namespace RemoteTasks.Cache.Disk;

/// <summary>flock(2) on an open file or directory.</summary>
internal sealed class RealLock(SafeFileHandle handle, string path) : IDiskLock
{
    public bool TryTake(LockMode mode, TimeSpan timeout)
    {
        int operation = (mode == LockMode.Exclusive ? Libc.LockExclusive : Libc.LockShared) | Libc.LockNonBlocking;
        long start = TimeProvider.System.GetTimestamp();
        for (int wait = 1; ; wait = Math.Min(wait * 2, 25))
        {
            int error = Libc.Try(() => Libc.Flock(handle, operation));
            if (error == 0)
                return true;
            if (error != Libc.WouldBlock)
                throw Libc.Failure(error, "lock", path);
            if (TimeProvider.System.GetElapsedTime(start) >= timeout)
                return false;

            // Waiters that try at different moments do not starve each other.
            Thread.Sleep(Random.Shared.Next((wait + 1) / 2, wait + 1));
        }
    }

    public void Dispose() => handle.Dispose();
}
