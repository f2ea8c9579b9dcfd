using System.Text.Json;
using RemoteTasks.Cache;
using RemoteTasks.Proxmox;
using RemoteTasks.Proxmox.Answers;
using RemoteTasks.Proxmox.Remotes;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// What a remote answers; the first byte says which reader gets the rest. Invariants checked: it is understood, or refused by an exception the client
/// knows; of a task list every row is taken, rejected with a reason, or a double; what is taken is stored, or rejected by the cache with a reason, and
/// shown as it was sent.
/// </summary>
internal static class AnswerTarget
{
    private const string Upid = "UPID:n1:00000001:00000002:00000010:vzdump:100:root@pam:";

    internal static void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        ReadOnlyMemory<byte> body = input.AsMemory(1);
        try
        {
            Read(input[0], body);
        }
        catch (Exception error) when (error is BadAnswerException or JsonException or InvalidOperationException)
        {
            // What the client turns into an error of the remote.
        }
    }

    private static void Read(byte which, ReadOnlyMemory<byte> body)
    {
        switch ((char)which)
        {
            case 'a' or 'b' or 'c' or 'd':
                RemoteType type = which % 2 == 1 ? RemoteType.Pve : RemoteType.Pbs;
                List(TaskListReader.Read(body.Span, type, which < 'c' ? TaskSource.Archive : TaskSource.All, remoteTime: null), type);
                break;
            case 's':
                using (JsonDocument document = Parse(body))
                {
                    TaskStatusAnswer status = TaskStatusReader.Read(AnswerRows.Data(document), Upid, RemoteType.Pve);
                    ThrowUnless(!status.Running || status.ExitStatus is null, "a running task has an exit status");
                }

                break;
            case 'l':
                TaskLogAnswer log = TaskLogReader.Read(body.Span, 5);
                ThrowUnless(log.Lines.All(line => line.Text is not null), "a line of a log has no text");
                break;
            case 'n':
                IReadOnlyList<RemoteNode> nodes = NodeListReader.Read(body.Span);
                ThrowUnless(nodes.Count > 0 && nodes.All(node => RemoteRules.IsNode(node.Name)), "a node has a name that none can have");
                break;
            case 't':
                ThrowUnless(ClusterTasksReader.Read(body.Span).All(task => RemoteRules.IsNode(task.Node)), "a node has a name that none can have");
                break;
            case 'p':
                using (JsonDocument document = Parse(body))
                {
                    JsonElement data = AnswerRows.Data(document);
                    _ = PermissionsReader.Read(data, RemoteType.Pve).SeesAllTasks("n1") | PermissionsReader.Read(data, RemoteType.Pbs).SeesAllTasks("localhost");
                }

                break;
            default:
                var error = new ErrorText(500, "phrase", body);
                ThrowUnless(!error.Text.Any(char.IsControl) && error.Text.Length <= 1024 && error.Parameters.All(name => !name.Any(char.IsControl)), "an error's text is not clean");
                break;
        }
    }

    private static void List(TaskListAnswer answer, RemoteType type)
    {
        ThrowUnless(answer.Tasks.Count + answer.RejectedCount <= answer.RowCount, "more rows than there are");
        ThrowUnless(answer.Tasks.Select(task => task.Upid).Distinct(StringComparer.Ordinal).Count() == answer.Tasks.Count, "a task is listed twice");
        ThrowUnless(answer.Rejected.All(reason => reason.Length > 0 && !reason.Any(char.IsControl)), "a reason is empty, or not clean");
        if (answer.Tasks.Count == 0)
            return;
        string kind = type == RemoteType.Pve ? "pve" : "pbs";
        TaskRecord[] records = [.. answer.Tasks.Select(task => new TaskRecord($"{kind}:r!{task.Upid}", task.StartTime, task.Status, task.EndTime))];
        var cache = new HostileCache();
        UpdateResult result;
        using (CacheWriter writer = cache.Cache.Write())
            result = writer.Update(new TaskBatch { Tasks = records });
        ThrowUnless(result.Rejected.All(rejected => rejected.Reason.Length > 0), "the cache rejects a task without a reason");
        HashSet<int> rejected = [.. result.Rejected.Select(rejected => rejected.Index)];
        string[] expected = [.. records.Where((_, i) => !rejected.Contains(i)).Select(Show).Order(StringComparer.Ordinal)];
        using CacheReader reader = cache.Cache.Read();
        string[] rows = [.. reader.List(new TaskQuery { Limit = 0 }).Rows.Select(Show).Order(StringComparer.Ordinal)];
        ThrowUnless(rows.SequenceEqual(expected), $"what is shown is not what was sent: {string.Join(" / ", rows.Except(expected).Concat(expected.Except(rows)))}");
    }

    private static string Show(TaskRecord task) => $"{task.Upid}|{task.StartTime}|{task.EndTime}|{task.Status ?? "<none>"}";

    private static string Show(Cache.TaskRow task) => $"{task.Upid}|{task.StartTime}|{task.EndTime}|{task.Status ?? "<none>"}";

    private static JsonDocument Parse(ReadOnlyMemory<byte> body) => JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = JsonValues.DepthMax });
}
