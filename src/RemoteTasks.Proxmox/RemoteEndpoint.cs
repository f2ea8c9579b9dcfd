using System.Net;
using RemoteTasks.Proxmox.Remotes;

namespace RemoteTasks.Proxmox;

/// <summary>One address of a remote; always HTTPS. A PVE cluster may have several, any of which answers for all nodes.</summary>
/// <param name="Host">Name, IPv4 or IPv6 address; brackets around an IPv6 address are taken off.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Fingerprint">
/// SHA-256 of the certificate to accept, and the only one then; taken with or without colons in any case, kept as <c>AA:BB:..</c>.
/// Null: the certificate must be valid for the host by the system's own trust store.
/// </param>
/// <exception cref="FormatException">Host, port or fingerprint cannot be what it should be; the text says how it is written.</exception>
public sealed record RemoteEndpoint(string Host, int Port, string? Fingerprint)
{
    /// <summary>Name, IPv4 or IPv6 address without brackets.</summary>
    public string Host { get; init => field = CheckHost(value); } = CheckHost(Host);

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; init => field = CheckPort(value); } = CheckPort(Port);

    /// <summary>The pinned certificate as <c>AA:BB:..</c>, or null.</summary>
    public string? Fingerprint { get; init => field = CertificateFingerprint.Normalise(value); } = CertificateFingerprint.Normalise(Fingerprint);

    /// <summary>The port a product listens on unless told otherwise: 8006 for PVE, 8007 for PBS.</summary>
    public static int DefaultPort(RemoteType type) => type == RemoteType.Pve ? 8006 : 8007;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[IPv6]</c> or <c>[IPv6]:port</c>.</summary>
    /// <param name="text">The address as written by a person.</param>
    /// <param name="type">Gives the port when the text has none.</param>
    /// <param name="fingerprint">See <see cref="Fingerprint"/>.</param>
    /// <exception cref="FormatException">The text is none of these; the message says what to write.</exception>
    public static RemoteEndpoint Parse(string text, RemoteType type, string? fingerprint = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('/', StringComparison.Ordinal))
            throw new FormatException("Write the host and, if needed, the port only, without 'https://' and without a path.");
        int lastColon = text.LastIndexOf(':');
        bool portless = lastColon < 0 || text.EndsWith(']');
        if (!portless && text.IndexOf(':', StringComparison.Ordinal) != lastColon && text[lastColon - 1] != ']')
            throw new FormatException("Write an IPv6 address in brackets: [2001:db8::1] or [2001:db8::1]:8006.");
        if (portless)
            return new RemoteEndpoint(text, DefaultPort(type), fingerprint);
        if (!int.TryParse(text.AsSpan(lastColon + 1), System.Globalization.NumberStyles.None, provider: null, out int port))
            throw new FormatException("What follows the colon must be a port: a number from 1 to 65535.");
        return new RemoteEndpoint(text[..lastColon], port, fingerprint);
    }

    /// <summary><c>host:port</c>, with brackets around an IPv6 address: the form of a URL.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static string CheckHost(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        string bare = bracketed ? host[1..^1] : host;
        bool addressV6 = bare.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(bare, out _);
        bool valid = bare.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':')
            && (addressV6 || (!bracketed && Uri.CheckHostName(bare) is UriHostNameType.Dns or UriHostNameType.IPv4));
        if (!valid)
            throw new FormatException("A host is a name (ASCII), an IPv4 address, or an IPv6 address in brackets.");
        return bare;
    }

    private static int CheckPort(int port) =>
        port is >= 1 and <= IPEndPoint.MaxPort ? port : throw new FormatException("A port is a number from 1 to 65535.");
}
