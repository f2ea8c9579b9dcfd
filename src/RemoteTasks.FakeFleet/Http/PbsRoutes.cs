using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>PBS's paths. There is one node; it answers to <c>localhost</c> and to its own name.</summary>
internal static class PbsRoutes
{
    public static Answer Answer(Call call) => (call.Delete, call.Path) switch
    {
        (false, ["version"]) => Version(call),
        (false, ["access", "permissions"]) => Permissions(call),
        (false, ["nodes"]) => Nodes(call),
        (false, ["nodes", var node, "tasks"]) => PbsTaskList.Get(call, Node(call, node)),
        (false, ["nodes", var node, "tasks", var upid, "status"]) => PbsTaskCalls.Status(call, Node(call, node), upid),
        (false, ["nodes", var node, "tasks", var upid, "log"]) => PbsTaskCalls.Log(call, Node(call, node), upid),
        (true, ["nodes", var node, "tasks", var upid]) => PbsTaskCalls.Stop(call, Node(call, node), upid),
        _ => throw new RefusalException(404, $"Path '/api2/json/{string.Join('/', call.Path)}' not found."),
    };

    private static Answer Version(Call call)
    {
        call.Parameters.Check();
        return Http.Answer.Row(new JsonRow().Add("version", "3.2.7").Add("release", "1").Add("repoid", "a1b2c3d4e5f60718"));
    }

    private static Answer Nodes(Call call)
    {
        call.Parameters.Check();
        return Http.Answer.Rows([new JsonRow().Add("node", "localhost")]);
    }

    private static Answer Permissions(Call call)
    {
        call.Parameters.Check();
        return new Answer(json =>
        {
            json.WriteStartObject();
            if (call.Rights != FakeRights.None)
            {
                json.WriteStartObject("/system/tasks");
                json.WriteBoolean("Sys.Audit", true);
                if (call.Rights == FakeRights.Modify) json.WriteBoolean("Sys.Modify", true);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    private static NodeLife Node(Call call, string name) => name == call.Entry.Name || name == call.Entry.Host
        ? call.Entry
        : throw RefusalException.Parameter("node", $"no such node '{name}'");
}
