using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>PVE's calls about one task.</summary>
internal static class PveTaskCalls
{
    public static Answer Index(Call call, string upid)
    {
        Checked(call, upid);
        return Answer.Rows([new JsonRow().Add("name", "log"), new JsonRow().Add("name", "status")]);
    }

    public static Answer Status(Call call, NodeLife node, string upid)
    {
        Checked(call, upid);
        if (node.Find(call.Now, upid) is not { } seen) throw RefusalException.Parameter("upid", "no such task");
        DemandAudit(call, node, seen.Task);
        var task = seen.Task;
        var (user, token) = PveTaskList.SplitToken(task.User);
        var row = new JsonRow()
            .Add("upid", node.Upid(task)).Add("node", node.Host).Add("pid", task.Pid).Add("pstart", (long)task.Pstart)
            .Add("starttime", task.Start)
            .Add("type", task.Type).Add("id", task.Id).Add("user", user).Add("status", seen.Running ? "running" : "stopped");
        if (token is not null) row.Add("tokenid", token);
        if (!seen.Running) row.Add("exitstatus", task.Status);
        return Answer.Row(row.Shuffle(task.Start));
    }

    public static Answer Log(Call call, NodeLife node, string upid)
    {
        var start = call.Parameters.Int("start", 0);
        var limit = call.Parameters.Int("limit", 0);
        var download = call.Parameters.Bool("download");
        Checked(call, upid);
        if (download && (start ?? limit) is not null)
            throw RefusalException.Parameter("download", "parameter 'download' can not be used with 'start' or 'limit'");
        if (node.Find(call.Now, upid) is not { } seen)
            return Answer.Rows([Line((1, "unable to open file - No such file or directory"))], 1);
        DemandAudit(call, node, seen.Task);
        List<string> lines = [.. TaskLog.Lines(node, seen, call.Now).Select(static line => line.Text)];
        if (download) return TaskLog.Download(node, seen.Task, lines);
        // Their grid cannot show an empty list, hence the row.
        if (lines.Count == 0) return Answer.Rows([Line((1, "no content"))], 1);
        return Answer.Rows(TaskLog.Page(lines, start ?? 0, limit ?? 50).Select(Line), lines.Count);
    }

    public static Answer Stop(Call call, NodeLife node, string upid)
    {
        Checked(call, upid);
        var seen = node.Find(call.Now, upid);
        if (seen is not null && !call.MayStop(seen.Value.Task))
            throw new RefusalException(403, $"Permission check failed (/nodes/{node.Host}, Sys.Modify)");
        node.End(call.Now, upid, "interrupted by signal");
        return Answer.Null;
    }

    private static void Checked(Call call, string upid)
    {
        call.Parameters.Check();
        if (!UpidText.IsWellFormed(upid, pbs: false)) throw RefusalException.Parameter("upid", "unable to parse worker upid");
    }

    private static void DemandAudit(Call call, NodeLife node, SimTask task)
    {
        if (!call.MaySee(task)) throw new RefusalException(403, $"Permission check failed (/nodes/{node.Host}, Sys.Audit)");
    }

    private static JsonRow Line((int Number, string Text) line) => new JsonRow().Add("n", line.Number).Add("t", line.Text);
}
