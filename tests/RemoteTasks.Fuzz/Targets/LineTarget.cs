using System.Text;
using RemoteTasks.Cache;
using RemoteTasks.Cache.Files;
using RemoteTasks.Cache.Tests.Support;
using RemoteTasks.Cache.Upids;
using static RemoteTasks.Fuzz.BrokenInvariantException;

namespace RemoteTasks.Fuzz.Targets;

/// <summary>
/// Invariants checked for a line: the quick way and the full parser understand the same; what is understood can be written (as it is, from its
/// parts, under another remote) and is understood the same again; a UPID that can be made from its parts is made byte by byte.
/// </summary>
internal static class LineTarget
{
    internal static void Run(byte[] input)
    {
        bool isGood = new LineParser().TryParse(input, out TaskLine line, out string? problem);
        ThrowUnless(isGood == (problem is null), "a line is good or has a problem");

        // The quick way does not take a blank in front, which JSON allows.
        bool isGoodInFull = new LineParser().TryParse((byte[])[(byte)' ', .. input], out TaskLine full, out _);
        ThrowUnless(isGood == isGoodInFull || input.Length >= Limits.LineBytesMax, $"quick and full parser disagree: {problem}");
        ThrowUnless(TaskRecord.TryParse(input, out TaskRecord? record, out _) == isGood, "a record is made of a line that is none, or not of one that is");
        if (!isGood)
            return;
        line = line.Detach();
        string shown = HostileCache.Show(line);
        ThrowUnless(HostileCache.Show(full) == shown, "quick and full parser read different things");
        ThrowUnless(ModelTask.Show(new TaskRow(line)) == shown, "one line is shown in two ways");
        Again(record!.ToLine(), shown, "the line of a record");
        ThrowUnless(!record.ToLine().AsSpan().ContainsAny((byte)'\n', (byte)'\r'), "a line break in a line");
        Again(ArchiveWriter.Encode(line).ToArray(), shown, "what is stored");
        Again(LineWriter.Write(Text(line.Upid), line.StartTime, line.HasStatus ? Text(line.Status) : null, line.EndTime), shown, "a line made of its parts");
        Rename(line);
        Remake(line);
        ThrowUnless(RemoteUpid.TryParse(Text(line.Upid), out RemoteUpid? upid, out _) && upid.StartTime == line.StartTime, "the UPID of a line is none");
    }

    private static void Again(byte[] written, string shown, string what)
    {
        ThrowUnless(new LineParser().TryParse(written, out TaskLine again, out string? problem), $"{what} is not understood: {problem}");
        ThrowUnless(HostileCache.Show(again) == shown, $"{what} says something else: {HostileCache.Show(again)}, not {shown}");
    }

    private static void Rename(in TaskLine line)
    {
        byte[] upid = Encoding.UTF8.GetBytes($"{(line.Fields.IsBackupServer ? "pbs" : "pve")}:renamed!{Text(line.Fields.Native.Of(line.Upid.Span))}");
        ThrowUnless(new LineParser().TryParse(LineWriter.WithUpid(line, upid), out TaskLine renamed, out string? problem), $"a renamed line is not understood: {problem}");
        ThrowUnless(
            renamed.Upid.Span.SequenceEqual(upid) && renamed.EndTime == line.EndTime && renamed.HasStatus == line.HasStatus && renamed.Status.Span.SequenceEqual(line.Status.Span),
            "a renamed line says something else");
    }

    private static void Remake(in TaskLine line)
    {
        ReadOnlySpan<byte> upid = line.Upid.Span;
        UpidFields fields = line.Fields;
        if (!UpidParts.AreEnough(fields, upid))
            return;
        var parts = new UpidParts
        {
            IsBackupServer = fields.IsBackupServer,
            Remote = fields.Remote.Of(upid),
            Node = fields.Node.Of(upid),
            Pid = fields.Pid,
            PStart = (uint)fields.PStart,
            TaskId = (uint)fields.TaskId,
            StartTime = (uint)fields.StartTime,
            WorkerType = fields.WorkerType.Of(upid),
            WorkerId = fields.WorkerId.Of(upid),
            User = fields.User.Of(upid),
        };
        byte[] made = new byte[upid.Length + 100];
        ThrowUnless(made.AsSpan(0, parts.Write(made, out UpidFields again)).SequenceEqual(upid) && again.User == fields.User && again.StartTime == fields.StartTime, "a UPID made of its parts is another one");
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Text(bytes.Span);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
