using System.Text;
using RemoteTasks.Cache.Upids;

namespace RemoteTasks.Cache.Files;

/// <summary>
/// One line of a file, understood: <c>{"upid":"pve:remote!UPID:...","starttime":s,"status":"OK","endtime":s}</c>.
/// The bytes may lie in a reader's buffer and are then valid until the reader moves on; <see cref="Detach"/> copies them.
/// </summary>
internal readonly record struct TaskLine
{
    /// <summary>The line as it stands in the file, without its newline. Unknown members travel along in it.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The UPID in the form that is written today, unescaped: kind, remote, native UPID.</summary>
    internal ReadOnlyMemory<byte> Upid { get; init; }

    /// <summary>Parts of <see cref="Upid"/>.</summary>
    internal UpidFields Fields { get; init; }

    internal long StartTime { get; init; }

    /// <summary>Null while the task runs.</summary>
    internal long? EndTime { get; init; }

    /// <summary>Unescaped; empty when there is none.</summary>
    internal ReadOnlyMemory<byte> Status { get; init; }

    internal bool HasStatus { get; init; }

    /// <summary>True when the file has the older form of the UPID, without the kind of its remote.</summary>
    internal bool IsOldForm { get; init; }

    /// <summary>True when nothing in the line is escaped, and no control character is in it.</summary>
    internal bool IsPlain { get; init; }

    internal bool IsRunning => EndTime is null;

    internal StatusClass Class => StatusClasses.Of(EndTime, Status.Span);

    /// <summary>What a task is looked for by: nothing but its UPID.</summary>
    internal static TaskLine KeyOf(RemoteUpid upid)
    {
        byte[] text = Encoding.UTF8.GetBytes(upid.Text);
        _ = UpidFields.TryParse(text, out UpidFields fields, out _);
        return new TaskLine { Upid = text, Fields = fields, StartTime = upid.StartTime };
    }

    /// <summary>The same line in memory of its own.</summary>
    internal TaskLine Detach() => this with
    {
        Bytes = Bytes.ToArray(),
        Upid = Upid.ToArray(),
        Status = Status.IsEmpty ? default : Status.ToArray(),
    };

    /// <summary>The one order of all tasks: newest start first, then the UPID's bytes ascending.</summary>
    internal static int Compare(in TaskLine left, in TaskLine right)
    {
        int order = right.StartTime.CompareTo(left.StartTime);
        return order != 0 ? order : left.Upid.Span.SequenceCompareTo(right.Upid.Span);
    }
}
