using RemoteTasks.FakeFleet.Life;

namespace RemoteTasks.FakeFleet.Http;

/// <summary>PVE's paths. Any node of a cluster answers for all: a call about a node is passed on to it.</summary>
internal static class PveRoutes
{
    public static Answer Answer(Call call) => (call.Delete, call.Path) switch
    {
        (false, ["version"]) => PveClusterCalls.Version(call),
        (false, ["nodes"]) => PveClusterCalls.Nodes(call),
        (false, ["cluster", "status"]) => PveClusterCalls.Status(call),
        (false, ["cluster", "tasks"]) => PveClusterCalls.Tasks(call),
        (false, ["access", "permissions"]) => PveClusterCalls.Permissions(call),
        (false, ["nodes", var node, "tasks"]) => PveTaskList.Get(call, Node(call, node)),
        (false, ["nodes", var node, "tasks", var upid]) => PveTaskCalls.Index(call, On(call, node, upid)),
        (false, ["nodes", var node, "tasks", var upid, "status"]) => PveTaskCalls.Status(call, Node(call, node), upid),
        (false, ["nodes", var node, "tasks", var upid, "log"]) => PveTaskCalls.Log(call, Node(call, node), upid),
        (true, ["nodes", var node, "tasks", var upid]) => PveTaskCalls.Stop(call, Node(call, node), upid),
        _ => throw new RefusalException(501, $"Method '{(call.Delete ? "DELETE" : "GET")} /{string.Join('/', call.Path)}' not implemented"),
    };

    private static string On(Call call, string node, string upid)
    {
        Node(call, node);
        return upid;
    }

    private static NodeLife Node(Call call, string name)
    {
        var node = name == "localhost" ? call.Entry : call.Remote.Nodes.FirstOrDefault(node => node.Host == name);
        if (node is null)
        {
            throw new RefusalException(
                500, $"hostname lookup '{name}' failed - failed to get address info for: {name}: Name or service not known");
        }

        if (!node.Online) throw new RefusalException(595, "No route to host", empty: true);
        return node;
    }
}
