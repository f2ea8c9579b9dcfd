using System.Diagnostics;

namespace RemoteTasks.Reliability.Tests.Trace;

/// <summary>Runs a program under strace(1): records its system calls, or makes some of them fail.</summary>
internal static class Strace
{
    // Whatever changes files or names, and what makes descriptors. Console output counts as an acknowledgement, so write belongs to them.
    private const string Calls =
        "open,openat,openat2,creat,close,dup,dup2,dup3,fcntl,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync,syncfs,sync_file_range,"
        + "truncate,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,"
        + "copy_file_range,sendfile,splice,vmsplice,io_uring_setup";

    private const int BytesMax = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> Missing = new(WhyMissing);

    /// <summary>The real executable.</summary>
    internal static string Product { get; } = Path.Combine(AppContext.BaseDirectory, "remote-tasks");

    /// <summary>Skips a test, loudly, where programs cannot be traced.</summary>
    internal static void SkipIfMissing() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its executable.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="inject">What strace does to calls, such as <c>fsync:error=EIO:when=3</c>; null: nothing.</param>
    /// <param name="environment">Variables for it.</param>
    internal static async Task<TracedRun> RunAsync(
        string program, IEnumerable<string> args, string? inject = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        string log = Path.GetTempFileName();
        try
        {
            // A signal that strace injects is never sent where a filter in the kernel lets other calls pass it by.
            string[] fast = inject?.Contains("signal=", StringComparison.Ordinal) == true ? [] : ["--seccomp-bpf"];
            string[] fault = inject is null ? [] : ["-e", $"inject={inject}"];
            string[] options = ["-f", "-qq", "-xx", "-s", $"{BytesMax}", "-e", "signal=none", "-e", $"trace={Calls}", "-o", log];
            var start = new ProcessStartInfo("strace", [.. options, .. fast, .. fault, program, .. args])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["DOTNET_EnableDiagnostics"] = "0";
            foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
                start.Environment[name] = value;
            (int exitCode, string output, string errors) = await RunAsync(start);
            return new TracedRun(exitCode, output, errors, StraceLog.Parse(File.ReadLines(log)));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(ProcessStartInfo start)
    {
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' does not start.");
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            string errors = await process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, await output, errors);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', start.ArgumentList)}' did not end within {Patience.TotalSeconds} s.", late);
        }
    }

    private static string? WhyMissing()
    {
        const string Remedy =
            "Install strace (apt-get install strace) and allow ptrace (in a container: --cap-add=SYS_PTRACE; kernel.yama.ptrace_scope below 3).";
        try
        {
            var start = new ProcessStartInfo("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"NOT CHECKED: the real system calls, because strace cannot trace here: {errors.Trim()} {Remedy}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"NOT CHECKED: the real system calls, because there is no strace. {Remedy}";
        }
    }
}

/// <summary>A program that has ended.</summary>
internal sealed record TracedRun(int ExitCode, string Output, string Errors, IReadOnlyList<SystemCall> Calls);
