using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache;

/// <summary>One task as bytes (UTF-8) where it is stored, valid until its listing moves on. Times are seconds since the epoch.</summary>
public readonly ref struct TaskView
{
    private readonly ref readonly TaskLine _line;

    internal TaskView(ref readonly TaskLine line) => _line = ref line;

    /// <summary>The task's name, with kind and remote.</summary>
    public ReadOnlySpan<byte> Upid => _line.Upid.Span;

    /// <summary>The remote's id.</summary>
    public ReadOnlySpan<byte> Remote => _line.Fields.Remote.Of(Upid);

    /// <summary>The node that ran it, by the UPID.</summary>
    public ReadOnlySpan<byte> Node => _line.Fields.Node.Of(Upid);

    /// <summary>The worker's process id.</summary>
    public long Pid => _line.Fields.Pid;

    /// <summary>When that process began, in jiffies since the node's boot.</summary>
    public long PStart => _line.Fields.PStart;

    /// <summary>When the task began.</summary>
    public long StartTime => _line.StartTime;

    /// <summary>What kind of task.</summary>
    public ReadOnlySpan<byte> WorkerType => _line.Fields.WorkerType.Of(Upid);

    /// <summary>Who started it, token included.</summary>
    public ReadOnlySpan<byte> User => _line.Fields.User.Of(Upid);

    /// <summary>When it ended; null while it runs.</summary>
    public long? EndTime => _line.EndTime;

    /// <summary>Whether the remote gave a text.</summary>
    public bool HasStatus => _line.HasStatus;

    /// <summary>The remote's text; empty when it gave none.</summary>
    public ReadOnlySpan<byte> Status => _line.Status.Span;

    /// <summary>What became of it.</summary>
    public StatusClass Class => _line.Class;

    /// <summary>Whether <see cref="Upid"/> and <see cref="Status"/> have nothing in them that JSON would have to escape. False says nothing.</summary>
    public bool IsPlain => _line.IsPlain;

    /// <summary>Bytes that <see cref="WorkerId"/> may need.</summary>
    public int WorkerIdBytesMax => _line.Fields.WorkerId.Length;

    /// <summary>What it works on, for people (a Backup Server's escapes undone); empty when it has none.</summary>
    /// <param name="scratch">Room for <see cref="WorkerIdBytesMax"/> bytes.</param>
    public ReadOnlySpan<byte> WorkerId(Span<byte> scratch) => WorkerIds.Display(_line.Fields.WorkerId.Of(Upid), _line.Fields.IsBackupServer, scratch);

    /// <summary>The same as an object of its own.</summary>
    public TaskRow ToRow() => new(_line);
}
