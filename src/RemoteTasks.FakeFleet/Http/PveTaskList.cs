using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>
/// <c>GET /nodes/{node}/tasks</c> of PVE: running tasks first, then the index in the order of ends. Pages and <c>total</c> count the
/// filtered list; <c>since</c> and <c>until</c> compare start times although the order is another.
/// </summary>
internal static class PveTaskList
{
    public static Answer Get(Call call, NodeLife node)
    {
        var parameters = call.Parameters;
        var start = parameters.Int("start", 0) ?? 0;
        var limit = parameters.Int("limit", 0) ?? 50;
        var since = parameters.Int("since") ?? long.MinValue;
        var until = parameters.Int("until") ?? long.MaxValue;
        var source = parameters.Enum("source", "archive", "archive", "active", "all");
        var typeFilter = parameters.Text("typefilter");
        var userFilter = parameters.Text("userfilter");
        var vmid = parameters.Int("vmid", 100)?.ToString();
        var statuses = parameters.List("statusfilter", "ok", "warning", "error", "unknown");
        var errors = parameters.Bool("errors");
        parameters.Check();
        (start, limit) = call.Page(start, limit);

        long total = 0;
        var page = node.Read(call.Now, (active, archived) =>
        {
            var rows = new List<SeenTask>();
            foreach (var seen in Source(source, active, archived))
            {
                if (!Matches(seen)) continue;
                if (total >= start && rows.Count < limit) rows.Add(seen);
                total++;
            }

            return rows;
        });
        call.Remote.Shown.CountRows(page.Count);
        return Answer.Rows(page.Select(seen => Row(node, seen)), total == 0 ? null : total);

        bool Matches(SeenTask seen)
        {
            var task = seen.Task;
            if (!call.MaySee(task) || task.Start < since || task.Start > until) return false;
            if (typeFilter is not null && task.Type != typeFilter) return false;
            if (vmid is not null && task.Id != vmid) return false;
            // The token part is cut off archived rows before the test, so that "!name" finds running tasks only.
            var user = seen.Running ? task.User : SplitToken(task.User).User;
            if (userFilter is not null && !user.Contains(userFilter, StringComparison.OrdinalIgnoreCase)) return false;
            if (errors) return Class(seen) != "ok";
            return statuses is null || statuses.Contains(Class(seen));
        }
    }

    public static (string User, string? Token) SplitToken(string user) =>
        user.Split('!', 2) is [var name, var token] ? (name, token) : (user, null);

    private static IEnumerable<SeenTask> Source(string source, IEnumerable<SimTask> active, IEnumerable<SimTask> archived)
    {
        var rows = Enumerable.Empty<SeenTask>();
        if (source != "archive") rows = rows.Concat(active.Select(static task => new SeenTask(task, Running: true)));
        if (source != "active") rows = rows.Concat(archived.Select(static task => new SeenTask(task, Running: false)));
        return rows;
    }

    private static JsonRow Row(NodeLife node, SeenTask seen)
    {
        var task = seen.Task;
        var row = new JsonRow()
            .Add("upid", node.Upid(task)).Add("node", node.Host).Add("pid", task.Pid).Add("pstart", (long)task.Pstart)
            .Add("starttime", task.Start).Add("type", task.Type).Add("id", task.Id);
        if (seen.Running) return row.Add("user", task.User).Add("status", "RUNNING").Add("saved", "0").Shuffle(task.Start);

        var (user, token) = SplitToken(task.User);
        row.Add("user", user).Add("endtime", task.End).Add("status", task.Status);
        if (token is not null) row.Add("tokenid", token);
        return row.Shuffle(task.Start);
    }

    private static string Class(SeenTask seen) => seen.Status switch
    {
        null or "" or "unexpected status" => "unknown",
        "OK" => "ok",
        var status when IsWarning(status) => "warning",
        _ => "error",
    };

    private static bool IsWarning(string status) =>
        status.StartsWith("WARNINGS: ", StringComparison.Ordinal) && status.Length > 10
        && status.AsSpan(10).IndexOfAnyExceptInRange('0', '9') < 0;
}
