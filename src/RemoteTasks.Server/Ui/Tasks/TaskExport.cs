using System.Globalization;
using System.Text;
using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Server.Api;
using RemoteTasks.Server.Polling;
using RemoteTasks.Server.Security;
using RemoteTasks.Server.TaskLogs;

namespace RemoteTasks.Server.Ui.Tasks;

/// <summary>Downloads: the list as it is filtered, as CSV or JSON lines, and a task's log. Sent as they are read, however long.</summary>
internal static class TaskExport
{
    private const int FlushBytes = 64 << 10;
    private const int LogLinesAtOnce = 5000;

    private static readonly string[] Columns = ["start", "end", "remote", "node", "type", "id", "user", "status", "class", "upid"];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/export/tasks.csv", (HttpContext context, TaskStore store) => ListAsync(context, store, "text/csv; charset=utf-8", "tasks.csv", new CsvRows()))
            .ExcludeFromDescription().RequireAuthorization(Policies.Read);
        routes.MapGet("/export/tasks.jsonl", (HttpContext context, TaskStore store) => ListAsync(context, store, "application/jsonl", "tasks.jsonl", new JsonRows()))
            .ExcludeFromDescription().RequireAuthorization(Policies.Read);
        routes.MapGet("/export/log", LogAsync).ExcludeFromDescription().RequireAuthorization(Policies.Read);
    }

    private static async Task ListAsync(HttpContext context, TaskStore store, string type, string name, IRows rows)
    {
        TaskQuery query = TaskParameters.Parse(context.Request.Query, out Dictionary<string, string> errors);
        if (errors.Count > 0)
        {
            await ApiError.BadParametersAsync(context, errors);
            return;
        }

        Attach(context, type, name);
        using CacheReader reader = store.Cache.Read();
        using TaskListing listing = reader.Stream(query with { Start = 0, Limit = 0, After = null });
        using var text = new MemoryStream();
        rows.Begin(text);
        while (listing.MoveNext())
        {
            rows.Add(text, listing.Current.ToRow());
            if (text.Length < FlushBytes)
                continue;
            await SendAsync(context, text);
        }

        await SendAsync(context, text);
    }

    private static async Task LogAsync(HttpContext context, TaskLogReader logs, string upid)
    {
        if (!RemoteUpid.TryParse(upid, out RemoteUpid? task, out string? problem))
        {
            await ApiError.WriteAsync(context, StatusCodes.Status404NotFound, problem);
            return;
        }

        using var text = new MemoryStream();
        for (long start = 0; ;)
        {
            LogPart log = await logs.ReadAsync(task, start, LogLinesAtOnce, context.RequestAborted);
            if (!context.Response.HasStarted)
            {
                if (!log.IsThere)
                {
                    await ApiError.WriteAsync(context, RemoteEndpoints.StatusOf(log.Problem!.Kind), log.Problem.Text);
                    return;
                }

                Attach(context, "text/plain; charset=utf-8", $"{task.Remote}-{task.Node}-{task.StartTime}.log");
            }
            else if (!log.IsThere)
            {
                // Half a log must not pass for a whole one.
                context.Abort();
                return;
            }

            // A Backup Server counts from one, and gives the last line again.
            TaskLogLine[] added = [.. log.Lines.Where(line => line.Number > start)];
            foreach (TaskLogLine line in added)
                text.Write(Encoding.UTF8.GetBytes(line.Text + "\n"));
            await SendAsync(context, text);
            if (added.Length == 0 || added[^1].Number >= log.Total)
                return;
            start = added[^1].Number;
        }
    }

    private static void Attach(HttpContext context, string type, string name)
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "private, no-store";
        var attachment = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(name);
        context.Response.Headers.ContentDisposition = attachment.ToString();
    }

    private static async Task SendAsync(HttpContext context, MemoryStream text)
    {
        await context.Response.BodyWriter.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), context.RequestAborted);
        text.SetLength(0);
    }

    private interface IRows
    {
        void Begin(MemoryStream text);

        void Add(MemoryStream text, TaskRow row);
    }

    private sealed class JsonRows : IRows
    {
        public void Begin(MemoryStream text)
        {
            // Nothing stands before the first line.
        }

        public void Add(MemoryStream text, TaskRow row)
        {
            using (var json = new Utf8JsonWriter(text, TaskEndpoints.Json))
                TaskJson.WriteRow(json, row.View);
            text.WriteByte((byte)'\n');
        }
    }

    /// <summary>Every field quoted. A field that a spreadsheet would take for a formula gets an apostrophe before it: remotes may send anything.</summary>
    private sealed class CsvRows : IRows
    {
        private const string FormulaBegins = "=+-@\t\r";

        public void Begin(MemoryStream text) => Write(text, Columns);

        public void Add(MemoryStream text, TaskRow row) => Write(text,
        [
            Time(row.StartTime), row.EndTime is { } end ? Time(end) : "", row.Remote, row.Node, row.WorkerType, row.WorkerId ?? "", row.User, row.Status ?? "",
            Components.StatusWords.Of(row.Class), row.Upid,
        ]);

        private static void Write(MemoryStream text, IEnumerable<string> fields) =>
            text.Write(Encoding.UTF8.GetBytes(string.Join(',', fields.Select(Field)) + "\r\n"));

        private static string Field(string field)
        {
            if (field.Length > 0 && FormulaBegins.Contains(field[0], StringComparison.Ordinal))
                field = "'" + field;
            return $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        }

        private static string Time(long seconds) =>
            seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : seconds.ToString(CultureInfo.InvariantCulture);
    }
}
