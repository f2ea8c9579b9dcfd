using System.Globalization;
using System.Text;

namespace RemoteTasks.FakeFleet.Life;

/// <summary>
/// The text of UPIDs:
/// <code>
/// PVE  UPID:{node}:{pid}:{pstart}:{starttime}:{type}:{id}:{user}:
/// PBS  UPID:{node}:{pid}:{pstart}:{task_id}:{starttime}:{type}:{escaped id}:{auth id}:
/// </code>
/// Numbers are upper-case hex of at least 8 digits; pstart outgrows 8 after 497 days.
/// </summary>
internal static class UpidText
{
    public static string Pve(string host, SimTask task) => string.Create(
        CultureInfo.InvariantCulture,
        $"UPID:{host}:{task.Pid:X8}:{task.Pstart:X8}:{task.Start:X8}:{task.Type}:{task.Id}:{task.User}:");

    public static string Pbs(string host, SimTask task) => string.Create(
        CultureInfo.InvariantCulture,
        $"UPID:{host}:{task.Pid:X8}:{task.Pstart:X8}:{task.TaskId:X8}:{task.Start:X8}:{task.Type}:{Escape(task.Id)}:{task.User}:");

    /// <summary>Whether the text has the form of a UPID of that product; any case of hex is taken.</summary>
    public static bool IsWellFormed(string upid, bool pbs)
    {
        var parts = upid.Split(':');
        var typeAt = pbs ? 6 : 5;
        if (parts.Length != typeAt + 4 || parts[0] != "UPID" || parts[^1].Length > 0) return false;
        if (parts[1].Length == 0 || !IsHex(parts[2], 8, 8) || !IsHex(parts[3], 8, 9) || !IsHex(parts[typeAt - 1], 8, 8)) return false;
        if (pbs && !IsHex(parts[4], 8, 16)) return false;
        return parts[typeAt].Length > 0 && parts[typeAt + 2].Length > 0 && !upid.Any(char.IsWhiteSpace);
    }

    /// <summary>The host a UPID names; the text must be well formed.</summary>
    public static string Host(string upid) => upid.Split(':')[1];

    /// <summary>Escapes as systemd does for unit names, which PBS does to worker ids.</summary>
    internal static string Escape(string id)
    {
        var text = new StringBuilder(id.Length + 8);
        var first = true;
        foreach (var octet in Encoding.UTF8.GetBytes(id))
        {
            if (octet == '/') text.Append('-');
            else if (char.IsAsciiLetterOrDigit((char)octet) || octet == '_' || (octet == '.' && !first)) text.Append((char)octet);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
            first = false;
        }

        return text.ToString();
    }

    private static bool IsHex(string text, int digitsMin, int digitsMax) =>
        text.Length >= digitsMin && text.Length <= digitsMax && text.All(char.IsAsciiHexDigit);
}
