namespace RemoteTasks.Benchmarks.LineScan;

/// <summary>A line understood. Its memory is the reader's and is valid until the reader's next line, unless it was detached.</summary>
internal readonly record struct ScanLine
{
    internal ReadOnlyMemory<byte> Bytes { get; init; }

    internal ReadOnlyMemory<byte> Upid { get; init; }

    internal ReadOnlyMemory<byte> Status { get; init; }

    internal bool HasStatus { get; init; }

    internal long Start { get; init; }

    internal long? End { get; init; }

    internal ScanLine Detach() => this with { Bytes = Bytes.ToArray(), Upid = Upid.ToArray(), Status = Status.ToArray() };

    /// <summary>The order of all files: newest start first, then the UPID.</summary>
    internal static int Compare(in ScanLine left, in ScanLine right)
    {
        int order = right.Start.CompareTo(left.Start);
        return order != 0 ? order : left.Upid.Span.SequenceCompareTo(right.Upid.Span);
    }
}
