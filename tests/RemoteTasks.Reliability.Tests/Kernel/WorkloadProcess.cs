using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RemoteTasks.Reliability.Tests.Kernel;

/// <summary>A <see cref="Workload"/> as a process of its own, as its test sees it.</summary>
internal sealed partial class WorkloadProcess : IDisposable
{
    private const int Stop = 19;
    private const int GoOn = 18;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(1);

    private readonly Process _process;
    private readonly string _acks;
    private readonly Task<string> _said;

    private WorkloadProcess(string acks, string[] args)
    {
        _acks = acks;
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Workload.Word, .. args])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _said = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>How many steps were acknowledged by now.</summary>
    internal int Acks => File.Exists(_acks) ? (int)new FileInfo(_acks).Length : 0;

    internal bool HasExited => _process.HasExited;

    /// <summary>Whether it waits for space on its disk.</summary>
    internal bool IsFull => File.Exists(Workload.FullMark(_acks));

    internal static WorkloadProcess Live(string directory, string acks, int seed, bool isPatient = false) =>
        new(acks, ["live", directory, acks, seed.ToString(CultureInfo.InvariantCulture), isPatient.ToString()]);

    internal static WorkloadProcess Fill(string directory, string acks, int bytes) =>
        new(acks, ["fill", directory, acks, bytes.ToString(CultureInfo.InvariantCulture)]);

    internal static WorkloadProcess Open(string directory) => new("", ["open", directory]);

    /// <summary>Waits for so many acknowledgements, or its end.</summary>
    internal Task WaitForAcksAsync(int count) => WaitAsync(() => Acks >= count);

    /// <summary>Waits for something that it does, or its end.</summary>
    internal async Task WaitAsync(Func<bool> isThere)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!isThere() && !HasExited)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"The workload hangs after {Acks} steps.");
            await Task.Delay(LookEach, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Tells it that there is space again.</summary>
    internal void TellOfSpace() => File.WriteAllText(Workload.GoOnMark(_acks), "");

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

    internal void Continue() => Signal(GoOn);

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
