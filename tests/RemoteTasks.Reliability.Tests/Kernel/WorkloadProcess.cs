using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>A <see cref="Workload"/> as a process of its own, as its test sees it.</summary>
internal sealed partial class WorkloadProcess : IDisposable
{
    private const int Stop = 19;
    private const int Resume = 18;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(1);

    private readonly Process _process;
    private readonly string _log;
    private readonly Task<string> _said;

    private WorkloadProcess(string log, string[] args)
    {
        _log = log;
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Workload.Word, .. args])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _said = _process.StandardOutput.ReadToEndAsync();
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>Whether it waits because something failed.</summary>
    internal bool HasFailed => File.Exists(Workload.FailedMark(_log));

    /// <summary>How many steps were acknowledged by now of what is done to one cache.</summary>
    internal int Acks(int cache = 0)
    {
        var file = new FileInfo(Workload.Acks(_log, cache));
        return file.Exists ? (int)file.Length : 0;
    }

    internal static WorkloadProcess Live(string directory, string log, int seed, AfterFailure then) =>
        new(log, ["live", directory, log, seed.ToString(CultureInfo.InvariantCulture), then.ToString()]);

    internal static WorkloadProcess Fill(string directory, string log, int bytes) =>
        new(log, ["fill", directory, log, bytes.ToString(CultureInfo.InvariantCulture)]);

    internal static WorkloadProcess Open(string directory) => new("", ["open", directory]);

    /// <summary>Waits for something that it does, or its end.</summary>
    internal async Task WaitAsync(Func<bool> isThere)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!isThere() && !HasExited)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"The workload hangs for too long.");
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Tells it to go on after a failure, and waits until it does.</summary>
    internal Task GoOnAsync()
    {
        File.WriteAllText(Workload.GoOnMark(_log), "");
        return WaitAsync(() => !HasFailed);
    }

    /// <summary>Takes it off the processor: when this returns none of its threads is within a system call any more.</summary>
    internal void Halt()
    {
        Signal(Stop);
        long began = TimeProvider.System.GetTimestamp();
        while (!HasExited && !Directory.EnumerateDirectories($"/proc/{_process.Id}/task").All(IsStopped))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "The workload does not stand still.");
            Thread.Yield();
        }
    }

    internal void Continue() => Signal(Resume);

    /// <summary>Ends it at once, when it has not ended by itself.</summary>
    internal void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Its exit code and what it printed, once it has ended.</summary>
    internal async Task<(int ExitCode, string Said)> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        return (_process.ExitCode, (await _said).Trim());
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static bool IsStopped(string thread)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')')..].StartsWith(") T", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // A thread that has ended meanwhile.
            return true;
        }
    }

    private void Signal(int number)
    {
        if (!HasExited)
            _ = Kill(_process.Id, number);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
