using System.Text;
using System.Text.Unicode;

namespace RemoteTasks.Cache.Upids;

/// <summary>
/// Worker ids for people. Proxmox VE sends them raw; Backup Servers escape them like systemd unit names
/// (<c>/</c> as <c>-</c>, other bytes as <c>\xHH</c>), which is undone for display only.
/// </summary>
internal static class WorkerIds
{
    /// <summary>The id as people know it; null when there is none. An escape that cannot be read is left as it came.</summary>
    internal static string? Display(ReadOnlySpan<byte> raw, bool isBackupServer)
    {
        if (raw.IsEmpty)
            return null;
        Span<byte> scratch = raw.Length <= 512 ? stackalloc byte[raw.Length] : new byte[raw.Length];
        return Encoding.UTF8.GetString(Display(raw, isBackupServer, scratch));
    }

    /// <summary>The same as bytes, in <paramref name="scratch"/> (as long as the id) or in place; empty when there is none.</summary>
    internal static ReadOnlySpan<byte> Display(ReadOnlySpan<byte> raw, bool isBackupServer, Span<byte> scratch)
    {
        if (!isBackupServer || raw.IndexOfAny((byte)'-', (byte)'\\') < 0)
            return raw;
        int length = Unescape(raw, scratch);
        return length < 0 ? raw : scratch[..length];
    }

    /// <summary>
    /// Whether the id names the guest: the number itself or <c>number@...</c> on Proxmox VE, a group <c>vm/number</c> or
    /// <c>ct/number</c> (anywhere in the id, alone between <c>:</c> and <c>/</c>) on a Backup Server.
    /// </summary>
    internal static bool IsGuest(string? workerId, bool isBackupServer, string guest)
    {
        if (workerId is null)
            return false;
        if (!isBackupServer)
        {
            return workerId.StartsWith(guest, StringComparison.Ordinal)
                && (workerId.Length == guest.Length || workerId[guest.Length] == '@');
        }

        string[] parts = workerId.Split(':', '/');
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i] == guest && parts[i - 1] is ("vm" or "ct"))
                return true;
        }

        return false;
    }

    /// <summary>Whether some digits may stand in the id as people know it. Backup Servers do not escape digits; who does is read to the end.</summary>
    internal static bool MayHaveDigits(ReadOnlySpan<byte> raw, bool isBackupServer, ReadOnlySpan<byte> digits)
    {
        if (raw.IndexOf(digits) >= 0)
            return true;
        if (!isBackupServer)
            return false;
        for (int at; (at = raw.IndexOf("\\x3"u8)) >= 0 && at + 3 < raw.Length; raw = raw[(at + 3)..])
        {
            if (char.IsAsciiDigit((char)raw[at + 3]))
                return true;
        }

        return false;
    }

    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        int length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            byte b = raw[i];
            if (b == (byte)'-')
            {
                b = (byte)'/';
            }
            else if (b == (byte)'\\')
            {
                if (i + 3 >= raw.Length || raw[i + 1] != (byte)'x' || !IsHex(raw[i + 2]) || !IsHex(raw[i + 3]))
                    return -1;
                b = (byte)((Hex(raw[i + 2]) << 4) | Hex(raw[i + 3]));
                i += 3;
            }

            target[length++] = b;
        }

        return Utf8.IsValid(target[..length]) ? length : -1;
    }

    private static bool IsHex(byte b) => char.IsAsciiHexDigit((char)b);

    private static int Hex(byte b) => b <= (byte)'9' ? b - '0' : (b | 0x20) - 'a' + 10;
}
