using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>Reads the state of one task.</summary>
internal static class TaskStatusReader
{
    internal static TaskStatusAnswer Read(JsonElement data, string upid, RemoteType type)
    {
        string? exitStatus = Text(data, "exitstatus");
        bool running = Text(data, "status") switch
        {
            "running" => true,
            "stopped" => false,
            // An end must be said, not guessed: a task taken for ended is never asked for again.
            _ => exitStatus is not null ? false : throw new BadAnswerException("'status' is neither 'running' nor 'stopped'"),
        };
        return new TaskStatusAnswer(
            upid,
            running,
            running ? null : exitStatus,
            Text(data, "node"),
            JsonValues.WholeNumber(JsonValues.Member(data, "pid")),
            JsonValues.WholeNumber(JsonValues.Member(data, "starttime")) ?? NativeUpid.StartTime(upid, type)
                ?? throw new BadAnswerException("there is no start time"),
            Text(data, "type") ?? Text(data, "worker_type"),
            Text(data, "id") ?? Text(data, "worker_id"),
            Text(data, "user"),
            Text(data, "tokenid"));
    }

    private static string? Text(JsonElement data, string name) => JsonValues.Text(JsonValues.Member(data, name));
}
