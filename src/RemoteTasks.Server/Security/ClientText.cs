using System.Globalization;
using System.Net;

namespace RemoteTasks.Server.Security;

/// <summary>Who is at the other end, in words fit for a log: strangers choose their own names.</summary>
internal static class ClientText
{
    private const int NameMax = 64;

    /// <summary>The address that a request came from.</summary>
    internal static string Address(HttpContext context) => Address(context.Connection.RemoteIpAddress);

    /// <summary>By which tries are counted: an IPv6 client has a whole network of addresses to come from.</summary>
    internal static string Network(HttpContext context)
    {
        IPAddress? address = context.Connection.RemoteIpAddress;
        if (address is null || address.IsIPv4MappedToIPv6 || address.GetAddressBytes() is not { Length: 16 } bytes)
            return Address(address);
        return Convert.ToHexString(bytes.AsSpan(0, 8));
    }

    /// <summary>On one line, without control characters or bidi marks, and not too long.</summary>
    internal static string Name(string text) =>
        string.Concat(text.Take(NameMax).Select(c => IsHarmful(c) ? '?' : c)) + (text.Length > NameMax ? "…" : "");

    private static string Address(IPAddress? address) =>
        address is null ? "an unknown address" : $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}";

    private static bool IsHarmful(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
