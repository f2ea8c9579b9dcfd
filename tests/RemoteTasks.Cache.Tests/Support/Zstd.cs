using System.Diagnostics;
using ZstdSharp;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>zstd as anybody else has it: no blocks, no seek table.</summary>
internal static class Zstd
{
    /// <summary>As the reference writes its archives.</summary>
    internal static byte[] OneFrame(byte[] content)
    {
        using var compressor = new Compressor(3);
        return compressor.Wrap(content).ToArray();
    }

    internal static byte[] Decode(byte[] content)
    {
        using var stream = new DecompressionStream(new MemoryStream(content));
        using var decoded = new MemoryStream();
        stream.CopyTo(decoded);
        return decoded.ToArray();
    }

    /// <summary>By the <c>zstd</c> command; null where there is none.</summary>
    internal static byte[]? DecodeByCommand(string path)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "zstd"))))
            return null;
        using Process process = Process.Start(new ProcessStartInfo("zstd", ["-dc", path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        using var decoded = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(decoded);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return decoded.ToArray();
    }
}
