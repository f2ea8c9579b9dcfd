using RemoteTasks.Cache.Disk;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>One archive of some MiB that cannot be made shorter, several times as long as what is read of one at once; a third of its tasks began in one second.</summary>
internal static class LongArchive
{
    internal const int Tasks = 1_800;

    /// <summary>The second in which many began.</summary>
    internal const int Second = 500;

    internal static TempCache Fill(IDisk? disk = null) =>
        OneArchive.Of([.. Enumerable.Range(0, Tasks).Select(i => Some.Finished(StartOf(i), StatusOf(i), upid: Some.Upid(StartOf(i), pid: i)))], disk);

    internal static long StartOf(int task) => task is >= Second and < Second + (Tasks / 3) ? Second : task;

    /// <summary>Noise, the same for the same task.</summary>
    internal static string StatusOf(int task)
    {
        byte[] bytes = new byte[1500];
        new Random(task).NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }
}
