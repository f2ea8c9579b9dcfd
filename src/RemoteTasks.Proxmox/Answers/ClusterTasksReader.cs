using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads <c>/cluster/tasks</c>; rows that are not understood are no sign of anything.</summary>
internal static class ClusterTasksReader
{
    internal static IReadOnlyList<ClusterTask> Read(ReadOnlySpan<byte> json)
    {
        var tasks = new List<ClusterTask>();
        AnswerRows.Read(json, row =>
        {
            if (JsonValues.Text(JsonValues.Member(row, "node")) is { } node && RemoteRules.IsNode(node)
                && JsonValues.Text(JsonValues.Member(row, "upid")) is { } upid)
                tasks.Add(new ClusterTask(node, upid, NativeUpid.StartTime(upid, RemoteType.Pve), JsonValues.WholeNumber(JsonValues.Member(row, "endtime"))));
        });
        return tasks;
    }
}
