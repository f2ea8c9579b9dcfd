using System.Diagnostics;
using System.Net;
using System.Text;
using RemoteTasks.Benchmarks.Compare;

namespace RemoteTasks.Benchmarks.Load;

/// <summary>The product's daemon as it is run, in a process of its own, on a cache that is there already. It polls nobody.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private const string Mark = "Serving ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DaemonProcess(string dataDirectory)
    {
        string remotes = Path.Combine(dataDirectory, "remotes.json");
        File.WriteAllText(remotes, """{"remotes":[]}""");
        string[] args = ["serve", "--remotes", remotes, "--data", dataDirectory, "--listen", $"{IPAddress.Loopback}:0"];
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "remote-tasks"), args)
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += Hear;
        _process.ErrorDataReceived += Hear;
        _process.Exited += (_, _) => _url.TrySetException(new IOException($"The daemon has ended:\n{Said}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal IPEndPoint Address { get; } = new(IPAddress.Loopback, 0);

    internal string Token { get; private set; } = "";

    /// <summary>Processor time it has used.</summary>
    internal TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Peak working set since the last <see cref="ResetPeak"/>.</summary>
    internal long PeakBytes => ProcessMemory.PeakOf(_process.Id);

    private string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts it on a data directory; it serves on return.</summary>
    internal static DaemonProcess Start(string dataDirectory)
    {
        var daemon = new DaemonProcess(dataDirectory);
        try
        {
            daemon.Address.Port = daemon._url.Task.WaitAsync(Patience).GetAwaiter().GetResult().Port;
            daemon.Token = File.ReadAllText(Path.Combine(dataDirectory, "admin-token")).Trim();
            return daemon;
        }
        catch
        {
            daemon.Dispose();
            throw;
        }
    }

    internal void ResetPeak() => ProcessMemory.ResetPeakOf(_process.Id);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
            _said.Append(line.Data).Append('\n');
        if (line.Data?.StartsWith(Mark, StringComparison.Ordinal) == true)
            _url.TrySetResult(new Uri(line.Data[Mark.Length..].Split(' ')[0]));
    }
}
