using System.Text;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache;

/// <summary>One task as it is listed. Times are seconds since the epoch.</summary>
public sealed class TaskRow
{
    private readonly TaskLine _line;

    internal TaskRow(in TaskLine line)
    {
        _line = (line with { Bytes = default }).Detach();
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        Upid = Encoding.UTF8.GetString(upid);
        Remote = Encoding.UTF8.GetString(fields.Remote.Of(upid));
        Node = Encoding.UTF8.GetString(fields.Node.Of(upid));
        Pid = fields.Pid;
        PStart = fields.PStart;
        StartTime = line.StartTime;
        WorkerType = Encoding.UTF8.GetString(fields.WorkerType.Of(upid));
        WorkerId = WorkerIds.Display(fields.WorkerId.Of(upid), fields.IsBackupServer);
        User = Encoding.UTF8.GetString(fields.User.Of(upid));
        EndTime = line.EndTime;
        Status = line.HasStatus ? Encoding.UTF8.GetString(line.Status.Span) : null;
        Class = line.Class;
    }

    /// <summary>The task's name, with kind and remote.</summary>
    public string Upid { get; }

    /// <summary>The remote's id.</summary>
    public string Remote { get; }

    /// <summary>The node that ran it, by the UPID.</summary>
    public string Node { get; }

    /// <summary>The worker's process id.</summary>
    public long Pid { get; }

    /// <summary>When that process began, in jiffies since the node's boot.</summary>
    public long PStart { get; }

    /// <summary>When the task began.</summary>
    public long StartTime { get; }

    /// <summary>What kind of task.</summary>
    public string WorkerType { get; }

    /// <summary>What it works on, for people (a Backup Server's escapes undone); null when it has none.</summary>
    public string? WorkerId { get; }

    /// <summary>Who started it, token included.</summary>
    public string User { get; }

    /// <summary>When it ended; null while it runs.</summary>
    public long? EndTime { get; }

    /// <summary>The remote's text, or null.</summary>
    public string? Status { get; }

    /// <summary>What became of it.</summary>
    public StatusClass Class { get; }

    /// <summary>The same as bytes.</summary>
    public TaskView View => new(in _line);
}
