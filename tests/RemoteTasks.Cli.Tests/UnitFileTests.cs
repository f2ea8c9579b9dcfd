using System.ComponentModel;
using System.Diagnostics;
using RemoteTasks.Cli.Tests.Support;

namespace RemoteTasks.Cli.Tests;

/// <summary>The systemd unit that is shipped.</summary>
public sealed class UnitFileTests
{
    [Fact]
    public void It_is_hardened_as_the_documentation_says()
    {
        // In tenths: 1.5.
        (int exitCode, string said) = Analyze("security", "--offline=true", "--threshold=15", UnitFile.Path);
        Assert.True(exitCode == 0, said);
    }

    [Fact]
    public void Systemd_understands_every_line_of_it()
    {
        (_, string said) = Analyze("verify", "--man=no", UnitFile.Path);
        Assert.All(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains("is not executable", line, StringComparison.Ordinal));
    }

    private static (int ExitCode, string Said) Analyze(params string[] args)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("systemd-analyze", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string said = process.StandardOutput.ReadToEnd() + error.Result;
            process.WaitForExit();
            return (process.ExitCode, said);
        }
        catch (Win32Exception)
        {
            Assert.Skip("systemd-analyze is not installed here.");
            throw;
        }
    }
}
