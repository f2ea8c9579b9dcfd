using RemoteTasks.Cache.Files;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>Tasks for tests, alike in all that the test does not name.</summary>
internal static class Some
{
    /// <summary>What belongs to an archive that stands alone.</summary>
    internal static TimeBounds AnyTime => new(0, long.MaxValue);

    internal static string Upid(
        long start, string remote = "pve-remote", string node = "pve", string type = "stopall", string id = "", string user = "root@pam", int pid = 0x39E4D) =>
        $"pve:{remote}!UPID:{node}:{pid:X8}:002638B8:{start:X8}:{type}:{id}:{user}:";

    internal static string PbsUpid(long start, string remote = "pbs-remote", string type = "backup", string id = "", string user = "backup@pbs!tok", int task = 1) =>
        $"pbs:{remote}!UPID:pbs-01:000003A9:00000612:{task:X8}:{start:X8}:{type}:{id}:{user}:";

    internal static TaskRecord Finished(long start, string status = "OK", long duration = 1, string? upid = null) =>
        new(upid ?? Upid(start), start, status, start + duration);

    internal static TaskRecord Running(long start, string? status = null, string? upid = null) =>
        new(upid ?? Upid(start), start, status, endTime: null);
}
