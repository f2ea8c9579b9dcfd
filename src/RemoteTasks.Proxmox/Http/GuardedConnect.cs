using System.Net;
using System.Net.Sockets;

namespace RemoteTasks.Proxmox.Http;

/// <summary>
/// Connects to the very address that was checked. A name that leads to this machine or to a link-local address (where clouds keep their
/// credentials) is refused: whoever rules the name's DNS could otherwise make the daemon call services that trust it. An administrator who means
/// such an address names it: 127.0.0.1, ::1, localhost, 169.254.x.y.
/// </summary>
internal static class GuardedConnect
{
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        string host = context.DnsEndPoint.Host;
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : Permit(host, await Dns.GetHostAddressesAsync(host, cancel));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses that a name may lead to.</summary>
    /// <exception cref="IOException">None is left.</exception>
    internal static IPAddress[] Permit(string host, IPAddress[] addresses)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return addresses;
        IPAddress[] permitted = [.. addresses.Where(address => !IsLocal(address))];
        if (permitted.Length == 0)
            throw new IOException("the name leads to a loopback or link-local address, which must be written as an address to be used");
        return permitted;
    }

    private static bool IsLocal(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain) || plain.IsIPv6LinkLocal || plain.Equals(IPAddress.IPv6Any))
            return true;
        // 0.0.0.0/8 reaches this machine too.
        return plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [0, ..] or [169, 254, ..];
    }
}
