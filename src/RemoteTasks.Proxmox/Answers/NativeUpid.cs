using System.Globalization;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// The little that this library reads from a UPID, which is opaque otherwise.
/// PVE: <c>UPID:node:pid:pstart:starttime:type:id:user:</c>; PBS: <c>UPID:node:pid:pstart:task_id:starttime:type:id:auth:</c>.
/// </summary>
internal static class NativeUpid
{
    internal const int CharactersMax = 1024;

    /// <summary>Why the text cannot be the UPID of a task of this product; null when it can.</summary>
    internal static string? Fault(string upid, RemoteType type)
    {
        if (FaultOfAny(upid) is { } fault)
            return fault;
        int parts = upid.AsSpan().Count(':') + 1;
        int expected = type == RemoteType.Pve ? 9 : 10;
        return parts == expected && upid.EndsWith(':')
            ? null
            : $"the UPID has {parts} parts where {type.ToString().ToUpperInvariant()} has {expected}";
    }

    /// <summary>Why the text cannot be a UPID at all; null when it can.</summary>
    internal static string? FaultOfAny(string upid)
    {
        if (upid.Length > CharactersMax)
            return $"the UPID has {upid.Length} characters, more than {CharactersMax}";
        if (!upid.StartsWith("UPID:", StringComparison.Ordinal))
            return "the UPID does not begin with 'UPID:'";
        // Half a surrogate pair could not go into a URL or a file either.
        bool unfit = upid.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !IsWellFormed(upid);
        return unfit ? "the UPID has blanks or control characters" : null;
    }

    /// <summary>The start time in seconds since the epoch, null when its place does not hold 8 hexadecimal digits.</summary>
    internal static long? StartTime(string upid, RemoteType type)
    {
        string[] parts = upid.Split(':');
        int place = type == RemoteType.Pve ? 4 : 5;
        return parts.Length > place && parts[place].Length == 8
            && uint.TryParse(parts[place], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint seconds)
            ? seconds
            : null;
    }

    private static bool IsWellFormed(string text)
    {
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            if (rune == System.Text.Rune.ReplacementChar)
                return false;
        }
        return true;
    }
}
