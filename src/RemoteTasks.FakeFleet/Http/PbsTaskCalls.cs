using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>PBS's calls about one task; the status names things as PVE does, unlike the list.</summary>
internal static class PbsTaskCalls
{
    public static Answer Status(Call call, NodeLife node, string upid)
    {
        var seen = Demand(call, node, upid);
        var task = seen.Task;
        var (user, token) = PveTaskList.SplitToken(task.User);
        var row = new JsonRow()
            .Add("upid", node.Upid(task)).Add("node", node.Host).Add("pid", task.Pid).Add("pstart", (long)task.Pstart)
            .Add("starttime", task.Start)
            .Add("type", task.Type).Add("id", task.Id.Length == 0 ? null : task.Id).Add("user", user);
        if (token is not null) row.Add("tokenid", token);
        row.Add("status", seen.Running ? "running" : "stopped");
        if (!seen.Running) row.Add("exitstatus", task.Status);
        return Answer.Row(row);
    }

    public static Answer Log(Call call, NodeLife node, string upid)
    {
        var start = call.Parameters.Int("start", 0);
        var limit = call.Parameters.Int("limit", 0);
        var download = call.Parameters.Bool("download");
        var testStatus = call.Parameters.Bool("test-status");
        var seen = Demand(call, node, upid);
        List<string> lines = [.. TaskLog.Lines(node, seen, call.Now).Select(Stamped)];
        if (download) return TaskLog.Download(node, seen.Task, lines);
        // Both 0 and 1 name the first line.
        var page = TaskLog.Page(lines, Math.Max(0, (start ?? 0) - 1), limit ?? 50);
        return Answer.Rows(page.Select(static line => new JsonRow().Add("n", line.Number).Add("t", line.Text)), lines.Count, json =>
        {
            json.WriteNumber("success", 1);
            if (testStatus) json.WriteBoolean("active", seen.Running);
        });
    }

    public static Answer Stop(Call call, NodeLife node, string upid)
    {
        CheckForm(call, upid);
        var seen = node.Find(call.Now, upid);
        if (seen is not null && !call.MayStop(seen.Value.Task)) throw new RefusalException(403, "permission check failed");
        node.End(call.Now, upid, "aborted");
        return Answer.Null;
    }

    private static SeenTask Demand(Call call, NodeLife node, string upid)
    {
        CheckForm(call, upid);
        if (node.Find(call.Now, upid) is not { } seen) throw new RefusalException(400, "No such file or directory (os error 2)");
        return call.MaySee(seen.Task) ? seen : throw new RefusalException(403, "permission check failed");
    }

    private static void CheckForm(Call call, string upid)
    {
        call.Parameters.Check();
        if (!UpidText.IsWellFormed(upid, pbs: true)) throw RefusalException.Parameter("upid", "unable to parse UPID '" + upid + "'");
    }

    private static string Stamped((long Time, string Text) line) =>
        DateTimeOffset.FromUnixTimeSeconds(line.Time).ToString("yyyy-MM-dd'T'HH:mm:sszzz") + ": " + line.Text;
}
