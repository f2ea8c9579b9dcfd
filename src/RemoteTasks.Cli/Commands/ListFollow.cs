using RemoteTasks.Cache;
using RemoteTasks.Cli.Output;
using RemoteTasks.Cli.Sources;
using RemoteTasks.Server.Api;

namespace RemoteTasks.Cli.Commands;

/// <summary>
/// <c>remote-tasks list --follow</c>: the newest rows, the oldest of them first; then what begins, and what changes, as it comes. Looked at are the newest
/// tasks and all that run: what is fetched of older history meanwhile is not told of.
/// </summary>
internal sealed class ListFollow(Terminal terminal, ITaskSource source, IRowPrinter printer)
{
    private const int WindowRows = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HashSet<UnknownPart> _lacking = [];
    private Dictionary<string, ListedTask> _known = new(StringComparer.Ordinal);
    private bool _isLost;

    /// <summary>Goes on until it is cancelled.</summary>
    internal async Task RunAsync(TaskQuery query, CancellationToken ct)
    {
        try
        {
            await BeginAsync(query, ct);
            while (true)
            {
                await Task.Delay(Pause, TimeProvider.System, ct);
                await LookAsync(query, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // That is how following ends.
        }
    }

    private async Task BeginAsync(TaskQuery query, CancellationToken ct)
    {
        IReadOnlyList<ListedTask> window = await WindowAsync(query, ct) ?? [];
        foreach (ListedTask row in window.Take(query.Limit is > 0 and < WindowRows ? (int)query.Limit : WindowRows).Reverse())
            await printer.PrintAsync(row);
        await printer.EndAsync();
        _known = await WatchedAsync(query, window, ct);
    }

    /// <summary>A daemon that is away for a while is waited for.</summary>
    private async Task LookAsync(TaskQuery query, CancellationToken ct)
    {
        try
        {
            if (await WindowAsync(query, ct) is { } window)
                await PrintNewsAsync(await WatchedAsync(query, window, ct), ct);
            if (_isLost)
                await terminal.Error.WriteLineAsync("The daemon answers again.");
            _isLost = false;
        }
        catch (HttpRequestException error) when (error.StatusCode is null or >= System.Net.HttpStatusCode.InternalServerError)
        {
            if (!_isLost)
                await terminal.Error.WriteLineAsync($"{SafeText.Clean(error.Message)} Trying again.");
            _isLost = true;
        }
    }

    private async Task PrintNewsAsync(Dictionary<string, ListedTask> now, CancellationToken ct)
    {
        var news = new List<ListedTask>();
        foreach (ListedTask ran in _known.Values.Where(task => task.Endtime is null && !now.ContainsKey(task.Upid)))
        {
            // It is not among the newest, or matches no more.
            if (await source.FindAsync(ran.Upid, ct) is { } end && end != ran)
                news.Add(end);
        }

        news.AddRange(now.Values.Where(task => !_known.TryGetValue(task.Upid, out ListedTask? known) || known != task));
        foreach (ListedTask row in news.OrderBy(row => row.Starttime).ThenByDescending(row => row.Upid, StringComparer.Ordinal))
            await printer.PrintAsync(row);
        await printer.EndAsync();
        _known = now;
    }

    private async Task<IReadOnlyList<ListedTask>?> WindowAsync(TaskQuery query, CancellationToken ct)
    {
        if (await source.PageIfChangedAsync(query with { Limit = WindowRows }, ct) is not { } page)
            return null;
        await UnknownText.WriteAsync(terminal, [.. (page.Unknown ?? []).Where(_lacking.Add)]);
        _lacking.IntersectWith(page.Unknown ?? []);
        return page.Data;
    }

    /// <summary>What is looked at: the newest, and what runs.</summary>
    private async Task<Dictionary<string, ListedTask>> WatchedAsync(TaskQuery query, IReadOnlyList<ListedTask> window, CancellationToken ct)
    {
        var watched = window.ToDictionary(row => row.Upid, StringComparer.Ordinal);
        await foreach (ListedTask row in source.RowsAsync(query with { Scope = TaskScope.Running, Limit = 0 }, ct))
            watched.TryAdd(row.Upid, row);
        return watched;
    }
}
