using System.Buffers.Text;

namespace RemoteTasks.Benchmarks.Data;

/// <summary>Worker ids as people see them.</summary>
internal static class ShownId
{
    /// <summary>Undoes a Backup Server's escapes into a buffer at least as long as the id.</summary>
    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> raw, bool isBackupServer, Span<byte> buffer)
    {
        if (!isBackupServer || raw.IndexOfAny((byte)'-', (byte)'\\') < 0)
            return raw;
        int length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            byte value = raw[i] == (byte)'-' ? (byte)'/' : raw[i];
            if (value == (byte)'\\')
            {
                if (i + 3 >= raw.Length || raw[i + 1] != (byte)'x' || !Utf8Parser.TryParse(raw.Slice(i + 2, 2), out value, out int used, 'X') || used != 2)
                    return raw;
                i += 3;
            }

            buffer[length++] = value;
        }

        return buffer[..length];
    }

    /// <summary>The guest that an id names: <c>105</c> or <c>105@store</c>, on a Backup Server a group <c>vm/105</c> or <c>ct/105</c>.</summary>
    internal static long? Guest(ReadOnlySpan<byte> shown, bool isBackupServer)
    {
        if (!isBackupServer)
            return Number(shown, (byte)'@');
        return Group(shown, "vm/"u8) ?? Group(shown, "ct/"u8);
    }

    private static long? Group(ReadOnlySpan<byte> shown, ReadOnlySpan<byte> kind)
    {
        int at = shown.IndexOf(kind);
        return at >= 0 && (at == 0 || shown[at - 1] is (byte)':' or (byte)'/') ? Number(shown[(at + kind.Length)..], (byte)'/') : null;
    }

    private static long? Number(ReadOnlySpan<byte> text, byte end)
    {
        int length = text.IndexOf(end) is var at && at < 0 ? text.Length : at;
        return length > 0 && text[0] != (byte)'0' && Utf8Parser.TryParse(text[..length], out long number, out int used) && used == length ? number : null;
    }
}
