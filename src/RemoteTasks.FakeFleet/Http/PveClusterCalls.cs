using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>PVE's calls about the cluster as a whole.</summary>
internal static class PveClusterCalls
{
    /// <summary>Tasks a node broadcasts to the cluster, running ones included.</summary>
    private const int BroadcastTasksMax = 25;

    public static Answer Version(Call call)
    {
        call.Parameters.Check();
        return Answer.Row(new JsonRow().Add("version", "9.2.1").Add("release", "9.2").Add("repoid", "3f1c0b7a5e2d4c68"));
    }

    public static Answer Nodes(Call call)
    {
        call.Parameters.Check();
        return Answer.Rows(call.Remote.Nodes.Where(static node => node.Named).Select((node, number) =>
        {
            var row = new JsonRow()
                .Add("node", node.Host).Add("id", "node/" + node.Host).Add("type", "node").Add("status", node.Online ? "online" : "offline")
                .Add("level", "").Add("ssl_fingerprint", call.Remote.Shown.Fingerprint);
            if (node.Online && call.Rights != FakeRights.None)
            {
                row.Add("cpu", 0.03 + number * 0.01).Add("maxcpu", 32).Add("mem", 48_318_382_080).Add("maxmem", 137_438_953_472)
                    .Add("uptime", 8_640_000 + number);
            }

            return row.Shuffle(number);
        }));
    }

    public static Answer Status(Call call)
    {
        call.Parameters.Check();
        var online = call.Remote.Nodes.Count(static node => node.Online);
        var cluster = new JsonRow()
            .Add("type", "cluster").Add("id", "cluster").Add("name", call.Remote.Shown.Id).Add("version", 7)
            .Add("nodes", call.Remote.Nodes.Count)
            .Add("quorate", online * 2 > call.Remote.Nodes.Count ? 1 : 0);
        var nodes = call.Remote.Nodes.Select((node, number) => new JsonRow()
            .Add("type", "node").Add("id", "node/" + node.Host).Add("name", node.Host).Add("nodeid", number + 1).Add("ip", "127.0.0.1")
            .Add("level", "").Add("local", node == call.Entry ? 1 : 0).Add("online", node.Online ? 1 : 0));
        return Answer.Rows(nodes.Prepend(cluster));
    }

    /// <summary>Grouped by node, not sorted by time; a sign that something changed, never a history.</summary>
    public static Answer Tasks(Call call)
    {
        call.Parameters.Check();
        return Answer.Rows(call.Remote.Nodes.Where(static node => node is { Online: true, Named: true }).SelectMany(node => Broadcast(call, node)).ToList());
    }

    public static Answer Permissions(Call call)
    {
        call.Parameters.Check();
        return new Answer(json =>
        {
            json.WriteStartObject();
            foreach (var path in call.Rights == FakeRights.None ? [] : (string[])["/", "/nodes"])
            {
                json.WriteStartObject(path);
                json.WriteNumber("Sys.Audit", 1);
                json.WriteNumber("VM.Audit", 1);
                json.WriteNumber("Datastore.Audit", 1);
                if (call.Rights == FakeRights.Modify) json.WriteNumber("Sys.Modify", 1);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    private static List<JsonRow> Broadcast(Call call, NodeLife node) => node.Read(call.Now, (active, archived) =>
    {
        // Without rights the whole user must equal the caller, and a token never equals a user: it sees nothing.
        if (call.Rights == FakeRights.None) return [];
        var rows = new List<JsonRow>();
        foreach (var task in active) rows.Add(Common(node, task).Add("pid", task.Pid).Add("saved", "0").Shuffle(task.Start));
        foreach (var task in archived.Take(Math.Max(0, BroadcastTasksMax - rows.Count)))
        {
            var row = Common(node, task).Add("endtime", task.End).Add("status", task.Status);
            // The member is a number or a text, depending on what Perl did with the value last.
            rows.Add((task.Start % 2 == 0 ? row.Add("saved", "1") : row.Add("saved", 1)).Shuffle(task.Start));
        }

        return rows;
    });

    private static JsonRow Common(NodeLife node, SimTask task) => new JsonRow()
        .Add("upid", node.Upid(task)).Add("node", node.Host).Add("starttime", task.Start).Add("type", task.Type)
        .Add("id", task.Id).Add("user", task.User);
}
