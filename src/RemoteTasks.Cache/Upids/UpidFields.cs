using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RemoteTasks.Cache.Upids;

/// <summary>
/// Where the parts of a UPID lie in its bytes. The UPID itself stays opaque: it is read here, and made again (<see cref="UpidParts"/>) only
/// where that gives the very same bytes.
/// <code>
/// [pve:]remote!UPID:node:pid:pstart:starttime:type:id:user:             Proxmox VE, 8 colons after the '!'
/// [pbs:]remote!UPID:node:pid:pstart:task_id:starttime:type:id:user:     Backup Server, 9 colons
/// </code>
/// pid, starttime: 8 hex digits; pstart: 8 or 9; task_id: 8 to 16. Only the id may be empty.
/// </summary>
internal readonly struct UpidFields
{
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\n\v\f\r"u8);
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);
    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    // The value of each hexadecimal digit; NotHex for every other byte.
    private static readonly byte[] HexValues = [.. Enumerable.Range(0, 256).Select(value => char.IsAsciiHexDigit((char)value) ? Convert.ToByte($"{(char)value}", 16) : NotHex)];
    private const byte NotHex = 0xFF;

    private const int PveColons = 8;
    private const int PbsColons = 9;

    internal Slice Remote { get; init; }

    internal Slice Native { get; init; }

    internal Slice Node { get; init; }

    internal Slice WorkerType { get; init; }

    internal Slice WorkerId { get; init; }

    internal Slice User { get; init; }

    internal uint Pid { get; init; }

    internal long PStart { get; init; }

    /// <summary>Of a Backup Server's tasks only; may take all 64 bits.</summary>
    internal long TaskId { get; init; }

    internal long StartTime { get; init; }

    internal bool IsBackupServer { get; init; }

    /// <summary>False for the older written form, which does not begin with the kind of its remote.</summary>
    internal bool IsTyped { get; init; }

    /// <summary>Reads a UPID with its remote; on failure <paramref name="problem"/> says what is wrong.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out UpidFields fields, [NotNullWhen(false)] out string? problem)
    {
        fields = default;
        int bang = text.IndexOf((byte)'!');
        if (bang < 0)
            return Fail("the UPID has no remote (missing '!')", out problem);

        int kindEnd = text[..bang].IndexOf((byte)':');
        ReadOnlySpan<byte> kind = kindEnd < 0 ? default : text[..kindEnd];
        if (kindEnd >= 0 && !kind.SequenceEqual("pve"u8) && !kind.SequenceEqual("pbs"u8))
            return Fail("the UPID's remote is neither of kind pve nor pbs", out problem);
        var remote = new Slice(kindEnd + 1, bang - kindEnd - 1);
        if (!IsSafeId(remote.Of(text)))
            return Fail("the UPID has a bad remote id", out problem);

        Span<int> colons = stackalloc int[PbsColons + 1];
        int count = FindColons(text[(bang + 1)..], bang + 1, colons);
        if (count is not (PveColons or PbsColons) || colons[count - 1] != text.Length - 1)
            return Fail("the UPID has the wrong number of fields", out problem);
        bool isBackupServer = count == PbsColons;
        if (kindEnd >= 0 && isBackupServer != kind.SequenceEqual("pbs"u8))
            return Fail("the UPID's form does not fit the kind of its remote", out problem);

        int shift = isBackupServer ? 1 : 0;
        Slice node = Between(colons, 0);
        Slice type = Between(colons, 4 + shift);
        Slice id = Between(colons, 5 + shift);
        Slice user = Between(colons, 6 + shift);
        if (!text[(bang + 1)..colons[0]].SequenceEqual("UPID"u8) || !IsNodeName(node.Of(text)))
            return Fail("the UPID does not begin with UPID and a node name", out problem);
        if (!TryHex(Between(colons, 1).Of(text), 8, 8, out long pid) || !TryHex(Between(colons, 2).Of(text), 8, 9, out long pstart)
            || !TryHex(Between(colons, 3 + shift).Of(text), 8, 8, out long starttime))
            return Fail("the UPID has a number that is not hexadecimal or has the wrong length", out problem);
        long taskId = 0;
        if (isBackupServer && !TryHex(Between(colons, 3).Of(text), 8, 16, out taskId))
            return Fail("the UPID has a bad task id", out problem);
        if (type.Length == 0 || user.Length == 0 || HasBlank(text[type.Start..]))
            return Fail("the UPID lacks a worker type or a user, or has a blank", out problem);

        fields = new UpidFields
        {
            Remote = remote,
            Native = new Slice(bang + 1, text.Length - bang - 1),
            Node = node,
            WorkerType = type,
            WorkerId = id,
            User = user,
            Pid = (uint)pid,
            PStart = pstart,
            TaskId = taskId,
            StartTime = starttime,
            IsBackupServer = isBackupServer,
            IsTyped = kindEnd >= 0,
        };
        problem = null;
        return true;
    }

    private static Slice Between(ReadOnlySpan<int> colons, int index) => new(colons[index] + 1, colons[index + 1] - colons[index] - 1);

    private static bool Fail(string reason, out string problem)
    {
        problem = reason;
        return false;
    }

    private static int FindColons(ReadOnlySpan<byte> text, int offset, Span<int> colons)
    {
        int count = 0;
        int at = 0;
        ref byte start = ref MemoryMarshal.GetReference(text);
        for (; at + Vector256<byte>.Count <= text.Length && count < colons.Length; at += Vector256<byte>.Count)
        {
            uint found = Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)at), Vector256.Create((byte)':')).ExtractMostSignificantBits();
            for (; found != 0 && count < colons.Length; found &= found - 1)
                colons[count++] = offset + at + BitOperations.TrailingZeroCount(found);
        }

        for (; at < text.Length && count < colons.Length; at++)
        {
            if (text[at] == (byte)':')
                colons[count++] = offset + at;
        }

        return count;
    }

    internal static bool IsSafeId(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && (char.IsAsciiLetterOrDigit((char)text[0]) || text[0] == (byte)'_') && !text.ContainsAnyExcept(IdBytes);

    private static bool IsNodeName(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && text[0] != (byte)'-' && text[^1] != (byte)'-' && !text.ContainsAnyExcept(NameBytes);

    private static bool HasBlank(ReadOnlySpan<byte> text) => text.ContainsAny(Blanks);

    private static bool TryHex(ReadOnlySpan<byte> text, int digitsMin, int digitsMax, out long value)
    {
        value = 0;
        if (text.Length < digitsMin || text.Length > digitsMax)
            return false;
        int seen = 0;
        foreach (byte b in text)
        {
            byte digit = HexValues[b];
            seen |= digit;
            value = (value << 4) | digit;
        }

        return seen != NotHex;
    }
}

/// <summary>A part of some bytes.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}
