using RemoteTasks.Cache;

namespace RemoteTasks.Cli.Output;

/// <summary>One line on the terminal that says how far long work has come; silent when nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal) : IProgress<CacheProgress>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long _last;
    private int _width;

    public void Report(CacheProgress value) => Show(() => $"{value.Step} {value.Done:N0} of {value.Total:N0}");

    internal void Show(Func<string> text)
    {
        if (!terminal.ShowsProgress || (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < Pause))
            return;
        _last = TimeProvider.System.GetTimestamp();
        string line = text();
        terminal.Error.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }

    public void Dispose() => Clear();

    /// <summary>Takes the line away, so that something else can be printed.</summary>
    internal void Clear()
    {
        if (_width > 0)
            terminal.Error.Write("\r" + new string(' ', _width) + "\r");
        _width = 0;
    }
}
