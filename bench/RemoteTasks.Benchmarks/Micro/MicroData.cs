using RemoteTasks.Benchmarks.Data;
using RemoteTasks.Benchmarks.LineScan;

namespace RemoteTasks.Benchmarks.Micro;

/// <summary>A block's worth of realistic lines.</summary>
internal static class MicroData
{
    internal const int BlockLines = 1024;

    internal static TaskInput[] Tasks() =>
        [.. new GeneratedData(BlockLines * 100L, byTime: false, GeneratedData.DaysOfSevenFiles).Read().Where((_, i) => i % 100 == 0).Where(task => task.End is not null).Take(BlockLines)];

    internal static byte[] Block() => LineWriting.Lines(Tasks()).ToArray();
}
