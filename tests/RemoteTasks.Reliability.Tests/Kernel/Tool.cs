using System.Diagnostics;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>Programs of the system, such as mount.</summary>
internal static class Tool
{
    private static readonly string[] Places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    internal static bool IsThere(string program) => Places.Any(place => File.Exists(Path.Combine(place, program)));

    /// <exception cref="InvalidOperationException">It failed; the message says with which words.</exception>
    internal static void Run(string program, params string[] args)
    {
        if (!TryRun(out string said, program, args))
            throw new InvalidOperationException($"{program} {string.Join(' ', args)}: {said}");
    }

    /// <summary>False when it failed, or is not there.</summary>
    internal static bool TryRun(out string said, string program, params string[] args)
    {
        string? path = Places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);
        said = "not found";
        if (path is null)
            return false;
        using Process process = Process.Start(new ProcessStartInfo(path, args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        said = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        said += output.Result.Trim();
        return process.ExitCode == 0;
    }
}
