using System.Net;
using RemoteTasks.Cli.Sources;

namespace RemoteTasks.Cli.Output;

/// <summary>Prints the log of a task, which may grow meanwhile.</summary>
internal sealed class LogPrinter(Terminal terminal, DaemonClient client, string upid, long start)
{
    private const int PageLines = 5000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Lines that have been printed, or passed over.
    private long _next = start;
    private bool _isKept;
    private bool _isSaid;

    /// <summary>Prints what there is now.</summary>
    internal async Task PrintAsync(long lines, CancellationToken ct)
    {
        long asked;
        LogBody page;
        do
        {
            asked = Math.Min(lines, PageLines);
            page = await client.SendAsync(
                HttpMethod.Get, $"{DaemonClient.Path(upid)}/log?start={_next}&limit={asked}", DaemonJson.Default.LogBody, ct);
            await SayAsync(page);
            foreach (LogLine line in page.Data)
                await terminal.Out.WriteLineAsync(SafeText.Clean(line.T.Replace("\t", "    ", StringComparison.Ordinal)));
            lines -= page.Data.Count;

            // As the remote counts: a line that it left out is not asked for again.
            if (page.Data.Count > 0)
                _next = Math.Max(_next + page.Data.Count, page.Data[^1].N);
        }
        while (page.Data.Count >= asked && lines > 0 && _next < page.Total);
    }

    /// <summary>Prints until the task has ended and all of its log is printed.</summary>
    internal async Task FollowAsync(CancellationToken ct)
    {
        await PrintAsync(long.MaxValue, ct);
        while (!_isKept && await IsRunningAsync(ct))
        {
            await Task.Delay(Pause, TimeProvider.System, ct);
            await PrintAsync(long.MaxValue, ct);
        }

        // What was written between the last look at the log and the end.
        if (!_isKept)
            await PrintAsync(long.MaxValue, ct);
    }

    private async Task<bool> IsRunningAsync(CancellationToken ct)
    {
        try
        {
            return (await client.SendAsync(HttpMethod.Get, $"{DaemonClient.Path(upid)}/status", DaemonJson.Default.StatusBody, ct)).Data.IsRunning;
        }
        catch (HttpRequestException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task SayAsync(LogBody page)
    {
        _isKept = page.Source == "kept";
        if (!_isKept || _isSaid)
            return;
        _isSaid = true;
        await terminal.Error.WriteLineAsync(
            $"The copy that the daemon kept{(page.Fetched is { } at ? $" at {TablePrinter.Time(at)}" : "")}: {SafeText.Clean(page.Problem ?? "the remote no longer has it.")}");
        if (page.Data.Count > 0 && page.Data[0].N > _next + 1)
            await terminal.Error.WriteLineAsync($"Lines {_next + 1:N0} to {page.Data[0].N - 1:N0} of {page.Total:N0} were not kept.");
    }
}
