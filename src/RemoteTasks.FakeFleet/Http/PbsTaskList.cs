using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>
/// <c>GET /nodes/localhost/tasks</c> of PBS. Its parameters look like PVE's and mean other things; <c>total</c> is no count but says
/// whether there may be another page.
/// </summary>
internal static class PbsTaskList
{
    public static Answer Get(Call call, NodeLife node)
    {
        var parameters = call.Parameters;
        var start = parameters.Int("start", 0) ?? 0;
        var limit = parameters.Int("limit", 0) ?? 50;
        var since = parameters.Int("since");
        var until = parameters.Int("until");
        var runningOnly = parameters.Bool("running");
        var errors = parameters.Bool("errors");
        var typeFilter = parameters.Text("typefilter");
        var userFilter = parameters.Text("userfilter");
        var store = parameters.Text("store");
        var statuses = parameters.Repeated("statusfilter", "ok", "warning", "error", "unknown");
        parameters.Check();
        (start, limit) = call.Page(start, limit);

        var rowsMax = limit == 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue);
        var page = node.Read(call.Now, (active, archived) => active
            .Select(static task => new SeenTask(task, Running: true))
            .Concat(Archived(archived))
            .Where(Matches)
            .Skip((int)Math.Min(start, int.MaxValue))
            .Take(rowsMax)
            .ToList());
        call.Remote.Shown.CountRows(page.Count);
        return Answer.Rows(page.Select(seen => Row(node, seen)), start + page.Count + (page.Count == rowsMax ? 1 : 0));

        IEnumerable<SeenTask> Archived(IEnumerable<SimTask> archived) => runningOnly
            ? []
            : archived
                // The archive is read no further than the first end before "since": no older task can have started after it.
                .TakeWhile(task => since is null || task.End >= since)
                .Select(static task => new SeenTask(task, Running: false));

        bool Matches(SeenTask seen)
        {
            var task = seen.Task;
            if (!call.MaySee(task) || task.Start < since || task.Start > until) return false;
            if (typeFilter is not null && !task.Type.Contains(typeFilter, StringComparison.Ordinal)) return false;
            if (userFilter is not null && !task.User.Contains(userFilter, StringComparison.Ordinal)) return false;
            if (store is not null && !IsOfStore(task, store)) return false;
            if (seen.Running) return statuses is null;
            return (!errors || Class(task.Status) != "ok") && (statuses is null || statuses.Contains(Class(task.Status)));
        }
    }

    private static JsonRow Row(NodeLife node, SeenTask seen)
    {
        var task = seen.Task;
        var row = new JsonRow()
            .Add("upid", node.Upid(task)).Add("node", node.Name).Add("pid", task.Pid).Add("pstart", (long)task.Pstart)
            .Add("starttime", task.Start)
            .Add("worker_type", task.Type).Add("worker_id", task.Id.Length == 0 ? null : task.Id).Add("user", task.User);
        return seen.Running ? row : row.Add("endtime", task.End).Add("status", task.Status);
    }

    private static bool IsOfStore(SimTask task, string store)
    {
        var parts = task.Id.Split(':');
        return task.Type == "syncjob" ? parts.Length > 2 && parts[2] == store : parts[0] == store;
    }

    private static string Class(string status) => status switch
    {
        "OK" => "ok",
        "unknown" => "unknown",
        _ when status.StartsWith("WARNINGS: ", StringComparison.Ordinal) => "warning",
        _ => "error",
    };
}
