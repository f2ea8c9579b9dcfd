using System.Text;
using System.Text.Json;

namespace RemoteTasks.Cli.Tests.Support;

/// <summary>One task as the test made it, in parts: nothing here is read from what the product prints.</summary>
internal sealed record ModelTask(
    string Kind, string Remote, string Node, long Pid, long PStart, long Start, string Type, string RawId, string? ShownId, string User, long? End, string? Status)
{
    internal string Upid => Kind == "pve"
        ? $"pve:{Remote}!UPID:{Node}:{Pid:X8}:{PStart:X8}:{Start:X8}:{Type}:{RawId}:{User}:"
        : $"pbs:{Remote}!UPID:{Node}:{Pid:X8}:{PStart:X8}:{Pid:X8}:{Start:X8}:{Type}:{RawId}:{User}:";

    internal string Class => End is null ? "running" : Status switch
    {
        "OK" => "ok",
        null or "" or "unknown" or "unexpected status" => "unknown",
        _ => Status.StartsWith("WARNINGS: ", StringComparison.Ordinal) ? "warning" : "error",
    };

    internal string ToLine()
    {
        var members = new Dictionary<string, object> { ["upid"] = Upid, ["starttime"] = Start };
        if (Status is not null)
            members["status"] = Status;
        if (End is not null)
            members["endtime"] = End;
        return JsonSerializer.Serialize(members);
    }

    /// <summary>The row that every face must show for it.</summary>
    internal string ToRow()
    {
        var members = new Dictionary<string, object?>
        {
            ["upid"] = Upid,
            ["remote"] = Remote,
            ["node"] = Node,
            ["pid"] = Pid,
            ["pstart"] = PStart,
            ["starttime"] = Start,
            ["worker_type"] = Type,
            ["worker_id"] = ShownId,
            ["user"] = User,
        };
        if (End is not null)
            members["endtime"] = End;
        if (Status is not null)
            members["status"] = Status;
        return JsonSerializer.Serialize(members);
    }
}

/// <summary>The plainest cache there is: a dictionary. A finished version wins over a running one, a later finished one over an earlier.</summary>
internal sealed class TaskModel
{
    private readonly Dictionary<string, ModelTask> _tasks = new(StringComparer.Ordinal);

    internal void Add(ModelTask task)
    {
        if (task.End is not null || !_tasks.TryGetValue(task.Upid, out ModelTask? known) || known.End is null)
            _tasks[task.Upid] = task;
    }

    /// <summary>Newest start first, then the bytes of the UPID.</summary>
    internal ModelTask[] All() =>
        [.. _tasks.Values.OrderByDescending(task => task.Start).ThenBy(task => Encoding.UTF8.GetBytes(task.Upid), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))];
}
