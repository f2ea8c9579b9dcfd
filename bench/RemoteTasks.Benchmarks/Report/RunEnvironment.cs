using System.Runtime.InteropServices;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>Where the figures were taken.</summary>
internal static class RunEnvironment
{
    private static readonly IReadOnlyList<(string Name, string Value)> Taken = Take();

    /// <summary>As it was at the first call, before the run made a load of its own.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Describe() => Taken;

    private static IReadOnlyList<(string Name, string Value)> Take() =>
    [
        ("processor", Processor()),
        ("cores", $"{Environment.ProcessorCount}"),
        ("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0:0.#} GiB"),
        ("runtime", RuntimeInformation.FrameworkDescription),
        ("system", RuntimeInformation.OSDescription),
        ("load", LoadAverage()),
    ];

    private static string Processor()
    {
        const string Name = "model name";
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? $"{RuntimeInformation.ProcessArchitecture}" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    /// <summary>Of the last minute, before the run: above 0 the machine was shared.</summary>
    private static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
