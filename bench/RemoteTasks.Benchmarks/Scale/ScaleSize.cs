using RemoteTasks.Benchmarks.Compare;

namespace RemoteTasks.Benchmarks.Scale;

/// <summary>What one size cost. Queries by name, in the order they were asked.</summary>
internal sealed record ScaleSize(
    long Tasks, int Days, double FillSeconds, long FillPeakBytes, long PrivateBytes, long PrivatePeakBytes, long QueryPeakBytes, long DiskBytes, IReadOnlyList<(string Name, Sample Sample)> Queries)
{
    internal double BytesPerTask => DiskBytes / (double)Tasks;

    internal double FillMicrosecondsPerTask => FillSeconds * 1e6 / Tasks;
}
