using System.Diagnostics;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>The real executable, stopped and sent on at will. What it prints is read when a test says so; until then it has to wait.</summary>
internal sealed class StoppableProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private StoppableProcess(Process process) => _process = process;

    internal StreamReader Out => _process.StandardOutput;

    internal bool HasExited => _process.HasExited;

    /// <summary>Whether the system has taken it off the processor.</summary>
    private bool IsStopped
    {
        get
        {
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            return stat[stat.LastIndexOf(')')..].StartsWith(") T", StringComparison.Ordinal);
        }
    }

    internal static StoppableProcess Start(params string[] args) => new(Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "remote-tasks"), args) { UseShellExecute = false, RedirectStandardOutput = true })!);

    /// <summary>False when it had ended before.</summary>
    internal bool TryStop()
    {
        if (!TrySignal("STOP"))
            return false;
        while (!HasExited && !IsStopped)
            Thread.Yield();
        return !HasExited;
    }

    internal void GoOn() => Assert.True(TrySignal("CONT"));

    internal int End()
    {
        Assert.True(_process.WaitForExit(Patience));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private bool TrySignal(string name)
    {
        using Process kill = Process.Start(new ProcessStartInfo("kill", ["-" + name, $"{_process.Id}"]) { UseShellExecute = false, RedirectStandardError = true })!;
        kill.WaitForExit();
        return kill.ExitCode == 0;
    }
}
