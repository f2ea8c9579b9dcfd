using System.Runtime.InteropServices;

namespace RemoteTasks.Benchmarks.Report;

/// <summary>Where the figures were taken.</summary>
internal static class RunEnvironment
{
    internal static IReadOnlyList<(string Name, string Value)> Describe() =>
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
