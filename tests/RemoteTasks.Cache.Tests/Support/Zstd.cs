using System.Diagnostics;
using RemoteTasks.Cache.Files;
using ZstdSharp;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>zstd as anybody else has it.</summary>
internal static class Zstd
{
    /// <summary>As the reference writes its archives.</summary>
    internal static byte[] OneFrame(byte[] content)
    {
        using var compressor = new Compressor(3);
        return compressor.Wrap(content).ToArray();
    }

    /// <summary>A frame for each of some contents, whatever is in them, and the table that says where they lie.</summary>
    internal static byte[] Blocks(params byte[][] contents)
    {
        var table = new SeekTable();
        var file = new List<byte>();
        foreach (byte[] content in contents)
        {
            byte[] frame = OneFrame(content);
            table.Add(frame.Length, content.Length);
            file.AddRange(frame);
        }

        return [.. file, .. table.ToBytes()];
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
