namespace RemoteTasks.Benchmarks.Compare;

/// <summary>This process's memory as the kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Peak working set since the last <see cref="ResetPeak"/>.</summary>
    internal static long Peak => Field("VmHWM:");

    /// <summary>Memory of its own that it holds now, without mapped files.</summary>
    internal static long Private => Field("RssAnon:");

    internal static void ResetPeak()
    {
        Timing.Clean();
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static long Field(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }
}
