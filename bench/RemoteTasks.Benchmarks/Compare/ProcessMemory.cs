namespace RemoteTasks.Benchmarks.Compare;

/// <summary>A process's memory as the kernel counts it; this one's where no other is named.</summary>
internal static class ProcessMemory
{
    /// <summary>Peak working set since the last <see cref="ResetPeak"/>.</summary>
    internal static long Peak => PeakOf(Environment.ProcessId);

    /// <summary>Memory of its own that it holds now, without mapped files.</summary>
    internal static long Private => Field(Environment.ProcessId, "RssAnon:");

    internal static void ResetPeak()
    {
        Timing.Clean();
        ResetPeakOf(Environment.ProcessId);
    }

    internal static long PeakOf(int process) => Field(process, "VmHWM:");

    internal static void ResetPeakOf(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Field(int process, string name)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }
}
