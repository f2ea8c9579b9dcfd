using System.Text.Json;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads the nodes of a PVE cluster.</summary>
internal static class NodeListReader
{
    internal static IReadOnlyList<RemoteNode> Read(ReadOnlySpan<byte> json)
    {
        var nodes = new List<RemoteNode>();
        int rows = 0;
        AnswerRows.Read(json, row =>
        {
            rows++;
            // A name that cannot be a node's could change the path of a later request, so such a row is no node.
            if (Text(row, "node") is { } name && RemoteRules.IsNode(name) && !nodes.Exists(node => node.Name == name))
                nodes.Add(new RemoteNode(name, Text(row, "status") == "online"));
        });
        if (nodes.Count == 0)
            throw new BadAnswerException($"none of the {rows} rows of 'data' names a node");
        return nodes;
    }

    private static string? Text(JsonElement row, string name) => JsonValues.Text(JsonValues.Member(row, name));
}
