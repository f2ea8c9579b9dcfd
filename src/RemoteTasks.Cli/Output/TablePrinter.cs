using System.Globalization;
using RemoteTasks.Cache;
using RemoteTasks.Cli.Sources;
using Spectre.Console;

namespace RemoteTasks.Cli.Output;

/// <summary>
/// Aligned columns for people. Widths come from the first rows, so that a list of any length appears at once and needs no memory.
/// </summary>
internal sealed class TablePrinter(Terminal terminal) : IRowPrinter
{
    private const int SampleRows = 100;
    private const int WidthMax = 40;

    private static readonly string[] Titles = ["START", "DURATION", "REMOTE", "NODE", "TYPE", "ID", "USER", "STATUS"];

    private readonly List<(string[] Cells, StatusClass Class)> _sample = [];
    private int[]? _widths;

    /// <summary>A time as the table shows it: local, to the second.</summary>
    internal static string Time(long seconds) => seconds is < -62135596800 or > 253402300799
        ? seconds.ToString(CultureInfo.InvariantCulture)
        : DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public async Task PrintAsync(ListedTask row)
    {
        string[] cells =
        [
            Time(row.Starttime), Duration(row), SafeText.Clean(row.Remote), SafeText.Clean(row.Node), SafeText.Clean(row.WorkerType), SafeText.Clean(row.WorkerId ?? ""),
            SafeText.Clean(row.User), SafeText.Clean(row.Endtime is null ? "running" : row.Status ?? ""),
        ];
        if (_widths is not null)
        {
            await WriteAsync(cells, row.Class);
            return;
        }

        _sample.Add((cells, row.Class));
        if (_sample.Count == SampleRows)
            await EndAsync();
    }

    public async Task EndAsync()
    {
        if (_widths is not null)
            return;
        _widths = [.. Titles.Select((title, i) => Math.Min(WidthMax, _sample.Select(row => row.Cells[i].GetCellWidth()).Append(title.Length).Max()))];
        await WriteAsync(Titles, StatusClass.Ok);
        foreach ((string[] cells, StatusClass status) in _sample)
            await WriteAsync(cells, status);
        _sample.Clear();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>How long it took; nothing while it runs, since the terminal's clock is not the remote's.</summary>
    private static string Duration(ListedTask row)
    {
        if (row.Endtime is not { } end)
            return "";
        long seconds = Math.Max(0, end - row.Starttime);
        return seconds switch
        {
            < 60 => $"{seconds}s",
            < 3600 => $"{seconds / 60}m {seconds % 60:00}s",
            < 86400 => $"{seconds / 3600}h {seconds / 60 % 60:00}m",
            _ => $"{seconds / 86400}d {seconds / 3600 % 24:00}h",
        };
    }

    private async Task WriteAsync(string[] cells, StatusClass status)
    {
        IEnumerable<string> padded = cells.Select((cell, i) => i == cells.Length - 1 ? Coloured(cell, status) : SafeText.Padded(cell, _widths![i]));
        await terminal.Out.WriteLineAsync(string.Join("  ", padded));
    }

    private string Coloured(string text, StatusClass status)
    {
        string? colour = status switch
        {
            StatusClass.Error => "31",
            StatusClass.Warning or StatusClass.Unknown => "33",
            StatusClass.Running => "36",
            _ => null,
        };
        return colour is null || !terminal.IsInteractive ? text : $"\e[{colour}m{text}\e[0m";
    }
}
