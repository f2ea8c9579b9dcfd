using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>The real executable, as a process of its own.</summary>
internal sealed class ProductProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private bool _isDisposed;

    private ProductProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal int Id => _process.Id;

    /// <summary>Everything it printed so far, to either stream.</summary>
    internal string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Processor time it has used.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>
    /// Memory it holds now, in bytes: its own (what compiled code takes, which the runtime maps as a file without a name, is among it), and with the files
    /// of the runtime, which the system lends and takes back.
    /// </summary>
    internal (long Own, long All) MemoryBytes
    {
        get
        {
            string[] lines = File.ReadAllLines($"/proc/{_process.Id}/status");
            return (Of("RssAnon:") + Of("RssShmem:"), Of("VmRSS:"));

            long Of(string name) => 1024 * long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    internal static ProductProcess Start(IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "remote-tasks"), args)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? AppContext.BaseDirectory,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new ProductProcess(start);
    }

    /// <summary>What follows a mark on its line, once the process has printed it.</summary>
    internal async Task<string> AfterAsync(string mark)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            string said = Said;
            int at = said.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
                return said[(at + mark.Length)..].TrimStart().Split([' ', '\n'], 2)[0];
            Assert.False(_process.HasExited && !Said.Contains(mark, StringComparison.Ordinal), $"It ended without '{mark}':\n{Said}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"'{mark}' did not come:\n{Said}");
        return "";
    }

    /// <summary>Sends a signal by its name, such as INT.</summary>
    internal async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Whether it ends by itself before some time is over.</summary>
    internal async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The exit code, and how long one had to wait for it.</summary>
    internal async Task<(int ExitCode, TimeSpan Took)> EndAsync()
    {
        long began = TimeProvider.System.GetTimestamp();
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return (_process.ExitCode, TimeProvider.System.GetElapsedTime(began));
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
            _said.Append(line.Data).Append('\n');
    }
}
