using RemoteTasks.Cache;

namespace RemoteTasks.Ui.Tests.Support;

/// <summary>Tasks for tests.</summary>
internal static class SomeTask
{
    internal static TaskRecord Record(long start, int number = 0, string? status = "OK", long? took = 10, string type = "qmstart", string id = "100", string user = "root@pam", string remote = "burst", string node = "n1") =>
        new($"pve:{remote}!UPID:{node}:{number + 1:X8}:00000001:{start:X8}:{type}:{id}:{user}:", start, status, took is null ? null : start + took);
}
