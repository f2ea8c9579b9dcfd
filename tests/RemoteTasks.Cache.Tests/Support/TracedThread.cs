using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace RemoteTasks.Cache.Tests.Support;

/// <summary>
/// The system calls of this thread, as strace(1) sees them: what the real disk is asked for, which no object that stands for it can tell. Some of them can
/// be made to fail, or to say that they did only a part.
/// </summary>
internal static partial class TracedThread
{
    private const string Attached = "attached";

    private static readonly Lazy<string?> Missing = new(WhyMissing);

    /// <summary>Skips a test, loudly, where threads cannot be traced.</summary>
    internal static void SkipIfMissing() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Does something on this thread; the calls it makes, in their order.</summary>
    /// <param name="act">What is done; what it throws comes through.</param>
    /// <param name="calls">Names of calls, as strace takes them: others are not told of.</param>
    /// <param name="inject">What strace does to a call, such as <c>fsync:error=EIO:when=1</c>; null: nothing.</param>
    internal static IReadOnlyList<TracedCall> Watch(Action act, string calls, string? inject = null)
    {
        string log = Path.GetTempFileName();
        try
        {
            using Process strace = Start(calls, inject, log);
            try
            {
                string? said = strace.StandardError.ReadLine();
                Assert.True(said?.Contains(Attached, StringComparison.Ordinal), said);
                act();
            }
            finally
            {
                Stop(strace);
            }

            return [.. File.ReadLines(log).Select(line => Line().Match(line)).Where(match => match.Success && !IsRuntimes(match)).Select(match =>
                new TracedCall(match.Groups["name"].Value, match.Groups["arguments"].Value, int.Parse(match.Groups["result"].Value, Invariant)))];
        }
        finally
        {
            File.Delete(log);
        }
    }

    // The thread that collects garbage asks how much memory there is.
    private static bool IsRuntimes(Match call) => RuntimesFiles().IsMatch(call.Groups["arguments"].Value);

    private static IFormatProvider Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private static Process Start(string calls, string? inject, string log)
    {
        string thread = Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget!);
        string[] fault = inject is null ? [] : ["-e", $"inject={inject}"];
        return Process.Start(new ProcessStartInfo("strace", ["-y", "-o", log, "-e", "signal=none", "-e", $"trace={calls}", .. fault, "-p", thread])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Lets go of the thread; the log is whole then.</summary>
    private static void Stop(Process strace)
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{strace.Id}"]);
        strace.WaitForExit();
    }

    private static string? WhyMissing()
    {
        const string Remedy =
            "Install strace (apt-get install strace) and allow ptrace (in a container: --cap-add=SYS_PTRACE; kernel.yama.ptrace_scope 0, or be root).";
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "NOT CHECKED: the real system calls, because the list of their names is that of x86-64.";
        try
        {
            using Process strace = Start("fsync", inject: null, "/dev/null");
            string said = strace.StandardError.ReadLine() ?? "";
            Stop(strace);
            return said.Contains(Attached, StringComparison.Ordinal) ? null : $"NOT CHECKED: the real system calls, because strace cannot trace here: {said} {Remedy}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"NOT CHECKED: the real system calls, because there is no strace. {Remedy}";
        }
    }

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\)\s+= (?<result>-?\d+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Line();

    [GeneratedRegex("/proc/(meminfo|self/statm)|/sys/fs/cgroup/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex RuntimesFiles();
}

/// <summary>One call: its arguments as strace writes them, with the paths of descriptors, and what it returned.</summary>
internal sealed record TracedCall(string Name, string Arguments, int Result)
{
    /// <summary>The call without its result, and without the directory that everything is in.</summary>
    internal string In(string directory) =>
        $"{Name} {Arguments.Replace($"{directory}/", "", StringComparison.Ordinal).Replace(directory, ".", StringComparison.Ordinal)}";
}
