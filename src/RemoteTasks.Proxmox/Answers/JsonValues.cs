using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RemoteTasks.Proxmox.Answers;

/// <summary>
/// Values as the products really send them: Perl knows no difference between a number and its text, nor between false and 0. All of these take a
/// missing or null value and return null for what is not of the kind.
/// </summary>
internal static class JsonValues
{
    internal const int DepthMax = 16;

    /// <summary>The member, null when it is missing or null.</summary>
    internal static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    internal static string? Text(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.String => StringValue(element.Value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.Value.GetRawText(),
        _ => null,
    };

    internal static long? WholeNumber(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.Number => element.Value.TryGetInt64(out long number) ? number : Truncate(element.Value.GetRawText()),
        JsonValueKind.String when StringValue(element.Value) is { } text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : Truncate(text),
        _ => null,
    };

    internal static bool? Flag(JsonElement? element) => Text(element)?.ToUpperInvariant() switch
    {
        "1" or "TRUE" or "YES" or "ON" => true,
        "0" or "FALSE" or "NO" or "OFF" or "" => false,
        _ => null,
    };

    // 1.7e9 and 1700000000.0 are whole numbers too; beyond 2^53 a double has lost digits.
    private static long? Truncate(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) <= 1L << 53 ? (long)number : null;

    private static string? StringValue(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return Repair(element);
        }
    }

    // Task texts come from anywhere and may be no UTF-8: the wrong bytes are replaced, the rest is kept.
    private static string? Repair(JsonElement element)
    {
        byte[] repaired = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element)));
        using var document = JsonDocument.Parse(repaired);
        try
        {
            return document.RootElement.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape: no text at all.
            return null;
        }
    }
}
