using System.Globalization;

namespace RemoteTasks.Cache.Upids;

/// <summary>The parts of a UPID whose numbers all have eight digits, for making it again.</summary>
internal readonly ref struct UpidParts
{
    private const int Digits = 8;

    // Kind, '!UPID:', four numbers and the colons.
    private const int RoomForTheRest = 4 + 6 + (4 * (Digits + 1)) + 4;

    internal required bool IsBackupServer { get; init; }

    internal required ReadOnlySpan<byte> Remote { get; init; }

    internal required ReadOnlySpan<byte> Node { get; init; }

    internal required uint Pid { get; init; }

    internal required uint PStart { get; init; }

    internal required uint TaskId { get; init; }

    internal required uint StartTime { get; init; }

    internal required ReadOnlySpan<byte> WorkerType { get; init; }

    /// <summary>As it stands in the UPID.</summary>
    internal required ReadOnlySpan<byte> WorkerId { get; init; }

    internal required ReadOnlySpan<byte> User { get; init; }

    /// <summary>Bytes that the UPID never exceeds.</summary>
    internal int BytesMax => Remote.Length + Node.Length + WorkerType.Length + WorkerId.Length + User.Length + RoomForTheRest;

    /// <summary>Whether these parts are all there is to tell about a UPID, which then comes out of <see cref="Write"/> as it was.</summary>
    internal static bool AreEnough(in UpidFields fields, ReadOnlySpan<byte> upid)
    {
        int begin = fields.Node.Start + fields.Node.Length + 1;
        ReadOnlySpan<byte> numbers = upid[begin..(fields.WorkerType.Start - 1)];
        int count = fields.IsBackupServer ? 4 : 3;
        return fields.IsTyped && fields.StartTime <= uint.MaxValue
            && numbers.Length == (count * (Digits + 1)) - 1 && !numbers.ContainsAnyInRange((byte)'a', (byte)'f')
            && numbers[Digits] == (byte)':' && numbers[(2 * Digits) + 1] == (byte)':' && numbers[^(Digits + 1)] == (byte)':';
    }

    /// <summary>Writes the UPID with its kind; how long it is.</summary>
    internal int Write(Span<byte> target, out UpidFields fields)
    {
        int at = 0;
        Put(target, ref at, IsBackupServer ? "pbs:"u8 : "pve:"u8);
        Slice remote = Put(target, ref at, Remote);
        Put(target, ref at, "!UPID:"u8);
        Slice node = Put(target, ref at, Node);
        Put(target, ref at, Pid);
        Put(target, ref at, PStart);
        if (IsBackupServer)
            Put(target, ref at, TaskId);
        Put(target, ref at, StartTime);
        target[at++] = (byte)':';
        Slice type = Put(target, ref at, WorkerType);
        target[at++] = (byte)':';
        Slice id = Put(target, ref at, WorkerId);
        target[at++] = (byte)':';
        Slice user = Put(target, ref at, User);
        target[at++] = (byte)':';
        fields = new UpidFields
        {
            Remote = remote,
            Native = new Slice(remote.Start + remote.Length + 1, at - remote.Start - remote.Length - 1),
            Node = node,
            WorkerType = type,
            WorkerId = id,
            User = user,
            Pid = Pid,
            PStart = PStart,
            TaskId = TaskId,
            StartTime = StartTime,
            IsBackupServer = IsBackupServer,
            IsTyped = true,
        };
        return at;
    }

    private static Slice Put(Span<byte> target, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        at += text.Length;
        return new Slice(at - text.Length, text.Length);
    }

    private static void Put(Span<byte> target, ref int at, uint number)
    {
        target[at++] = (byte)':';
        _ = number.TryFormat(target[at..], out int written, "X8", CultureInfo.InvariantCulture);
        at += written;
    }
}
